import { problemOf } from '../preload/contract/problem.ts';
import { ownPaths, startCore } from './core.ts';

/**
 * The core as a child of the desktop shell, as Electron's utility process or as a plain Node: serves the local socket, says when it does
 * or why it cannot, and ends in order when it is told to, or when the shell is gone.
 */
const parent = (process as { parentPort?: { postMessage(message: unknown): void } }).parentPort;
const say = (message: object): void => {
  if (parent) parent.postMessage(message);
  else process.send?.(message);
};
try {
  const core = await startCore(ownPaths(), true);
  const end = (): void => void Promise.resolve(core.close()).finally(() => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.on('disconnect', end);
  say({ kind: 'serving' });
} catch (error) {
  say({ kind: 'failed', problem: problemOf(error) });
  process.exitCode = 1;
}
