import { fileURLToPath } from 'node:url';
import { fail, problemOf } from '../preload/contract/problem.ts';
import { ownPaths, startCore } from './core.ts';
import { connectLocalSocket } from './endpoints/client.ts';
import { createOutput, type Output } from './terminal/output.ts';
import { statusLines } from './terminal/status-command.ts';

/**
 * The core as a plain process: says what is true and what to do next, then serves the local socket until it is ended by a signal.
 * The pages join it later; until then the command line is its window.
 */
export async function runUntilEnded(output: Output): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    // Not once: the settings' library (by when-exit) sends the signal again to this process, and nobody listening then means death half-way.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const other = await connectLocalSocket(ownPaths().socket);
  if (other) {
    await other.close();
    fail({
      code: 'core-running',
      message: 'A core of yours runs already, and only one does at a time; nothing was started.',
      hint: 'Every command goes through it by itself: mirrorfleet status',
    });
  }
  const core = await startCore(ownPaths(), true);
  try {
    const snapshot = await core.client.live.snapshot();
    for (const line of statusLines(snapshot, Date.now())) output.line(line);
    output.line('\nThe core runs; end it with Ctrl-C. In another terminal: npm run cli -- --help');
    await ended;
  } finally {
    await core.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = createOutput({ out: process.stdout, err: process.stderr }, { json: false, env: process.env });
  try {
    await runUntilEnded(output);
  } catch (error) {
    output.problem(problemOf(error));
    process.exitCode = 1;
  }
}
