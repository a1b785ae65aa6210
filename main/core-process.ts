import { problemOf } from '../preload/contract/problem.ts';
import { ownPaths, startCore } from './core.ts';
import type { PortEnd } from './endpoints/port-end.ts';

/** What the shell says to its core: take the port of a window (it comes along), or end in order. */
type ShellSays = { readonly kind: 'port' } | { readonly kind: 'end' };

/** The line to the shell that Electron gives to a utility process; a plain Node has its IPC instead. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ShellSays; ports: readonly PortEnd[] }) => void): unknown;
  postMessage(message: unknown): void;
}

/** How long jobs that were asked to stop may take when nobody is left to wait for them, in ms. */
const orphanMs = 60_000;

/**
 * The core as a child of the desktop shell, as Electron's utility process or as a plain Node: serves the local socket, says when it does
 * or why it cannot, and ends in order when it is told to, by a signal, or when the shell is gone, however that ended.
 */
const { parentPort: parent } = process as unknown as { parentPort?: ParentPort };
const starting = startCore(ownPaths(), true);
const say = (message: object): void => {
  if (parent) parent.postMessage(message);
  else if (process.connected) process.send?.(message);
};
let ending: Promise<void> | undefined;
const end = (): void => {
  setTimeout(() => process.exit(1), orphanMs).unref();
  ending ??= starting
    .then((core) => core.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
};
const hear = (said: ShellSays, ports: readonly PortEnd[]): void => {
  if (said.kind === 'end') return end();
  starting.then(
    (core) => ports.forEach((port) => core.servePort(port)),
    () => ports.forEach((port) => port.close()),
  );
};

// Not once: the same signal a second time, with nobody listening any more, would mean death half-way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
// A shell that was killed reads no errors any more; that is no reason to die half-way either.
process.stderr.on('error', () => {});
parent?.on('message', ({ data, ports }) => hear(data, ports));
process.on('message', (said: ShellSays) => hear(said, []));
process.on('disconnect', end);

try {
  await starting;
  say({ kind: 'serving' });
} catch (error) {
  // It stays until the shell has heard that, and says `end`.
  say({ kind: 'failed', problem: problemOf(error) });
}
