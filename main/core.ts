import { appendFileSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fail, ProblemError, problemOf } from '../preload/contract/problem.ts';
import type { Api } from './api.ts';
import { type Connection, connectLocalSocket } from './endpoints/client.ts';
import type { PortEnd } from './endpoints/port-end.ts';
import { createLog, type LogSink } from './log/log.ts';
import { takeInstanceLock } from './store/instance-lock.ts';
import { type Paths, pathsOf } from './store/paths.ts';

/** How long a command waits for another command's core to end, in ms. */
const patienceMs = 10_000;

/** This user's places on this computer. */
export function ownPaths(): Paths {
  return pathsOf(process.env, process.platform, homedir());
}

/** A core of this process. */
export interface RunningCore extends Connection {
  /** An address of its pages that works once. Opens the browser door the first time, on that port (0: any free one). */
  newAddress(port: number): Promise<string>;
  /** Serves its calls on the port of a window. */
  servePort(port: PortEnd): void;
}

/**
 * Starts the core in this process: takes the instance lock, builds every service and, when `listen` is set, serves the local socket and
 * keeps watching the fleet. Closing it first asks running jobs to stop, or waits for their end where they are to be `finished`. Throws `core-running` while another core of this user runs.
 */
export async function startCore(paths: Paths, listen: boolean, finished = false): Promise<RunningCore> {
  const release =
    takeInstanceLock(paths.data) ??
    fail({
      code: 'core-running',
      message: 'Another Mirrorfleet of yours is at work; nothing was started.',
      hint: 'Commands go through a running core by themselves; see it with: mirrorfleet status',
      retryable: true,
    });
  // Loaded only where the core lives in this process: a command that goes through a running one needs none of it.
  const [
    { createApp },
    { createRouter },
    { serveLocalSocket },
    { BrowserOnDemand },
    { createPortServer },
    { connectInProcess },
  ] = await Promise.all([
    import('./app.ts'),
    import('./endpoints/router.ts'),
    import('./endpoints/local-socket.ts'),
    import('./endpoints/browser-on-demand.ts'),
    import('./endpoints/message-port.ts'),
    import('./endpoints/in-process.ts'),
  ]);
  const sink = fileSink(paths.log);
  const app = createApp({ paths, sink, watch: listen });
  const log = createLog('endpoints', sink);
  const router = createRouter(app.api, log);
  const browser = new BrowserOnDemand(router, log);
  const newAddress = (port: number): Promise<string> => browser.newAddress(port);
  const ports = createPortServer(router, log);
  let stopServing: (() => Promise<void>) | undefined;
  try {
    if (listen) stopServing = await serveLocalSocket(paths.socket, router, log, newAddress);
  } catch (error) {
    await app.close();
    release();
    throw error;
  }
  return {
    ...connectInProcess(router),
    newAddress,
    servePort: (port) => ports.serve(port),
    async close() {
      await endJobs(app.api, finished);
      ports.close();
      await browser.close();
      await stopServing?.();
      await app.close();
      release();
    },
  };
}

/** The core that runs already, or the one that was started in this process. */
export type FoundCore = { readonly running: Connection } | { readonly started: RunningCore };

/**
 * The running core, or a core of this process where none runs, started as {@link startCore} does. A core that lives for one command only
 * is waited for, at most ten seconds; then `core-busy`. The signal ends the wait with its reason, and nothing was started.
 */
export async function findOrStart(
  paths: Paths,
  listen: boolean,
  finished: boolean,
  waitMs = patienceMs,
  signal?: AbortSignal,
): Promise<FoundCore> {
  const until = Date.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    const running = await connectLocalSocket(paths.socket);
    if (running) return { running };
    try {
      return { started: await startCore(paths, listen, finished) };
    } catch (error) {
      if (problemOf(error).code !== 'core-running') throw error;
      if (Date.now() >= until) throw new ProblemError(busy, { cause: error });
    }
    await pause(50);
  }
}

/** How every command reaches its work: the calls of {@link findOrStart}'s core. A command that `stays` listens for others meanwhile. */
export async function reachCore(paths: Paths, stays = false, waitMs = patienceMs): Promise<Connection> {
  const found = await findOrStart(paths, stays, stays, waitMs);
  return 'running' in found ? found.running : found.started;
}

const busy = {
  code: 'core-busy',
  message: 'Another mirrorfleet command of yours has been at work for ten seconds and more; nothing was started.',
  hint: 'Wait for it to end. With `mirrorfleet serve --headless` running, any number of commands work at once.',
  retryable: true,
};

/** Asks every running job to stop, unless it may finish, and waits until the last one has said what it left. */
async function endJobs(api: Api, finished: boolean): Promise<void> {
  const running = () => api.snapshot().tasks.filter((task) => task.state === 'running');
  if (!finished) for (const task of running()) api.cancelTask(task.id);
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (running().length > 0) return;
      stop();
      resolve();
    };
    const stop = api.subscribe(look);
    look();
  });
}

function fileSink(folder: string): LogSink {
  const file = join(folder, 'core.log');
  return (line) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // A full disk costs lines of the log, never the core that writes them.
      process.stderr.write(`${line}\n`);
    }
  };
}
