import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fail, problemOf } from '../preload/contract/problem.ts';
import { findOrStart, ownPaths } from './core.ts';
import { askForAddress } from './endpoints/browser-address.ts';
import { buildPagesIfOld } from './endpoints/build-pages.ts';
import { createOutput, type Output } from './terminal/output.ts';
import { statusLines } from './terminal/status-command.ts';

export interface ServeOptions {
  /** Without pages: the local socket only. */
  readonly headless: boolean;
  /** Where the pages are served on 127.0.0.1; 0 is any free port. */
  readonly port: number;
}

/**
 * The core as a plain process: says what is true and where its pages are, then serves until it is ended by a signal. Where a core of this
 * user runs already, its pages are asked for a new address and this ends; without pages there is nothing to do then (`core-running`).
 * One that another command runs for itself is waited for, as {@link findOrStart} does; a signal meanwhile ends this with nothing started.
 */
export async function runUntilEnded(output: Output, { headless, port }: ServeOptions): Promise<void> {
  const ending = new AbortController();
  const ended = once(ending.signal, 'abort');
  // Not once: the same signal a second time, with nobody listening any more, would mean death half-way.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
  const paths = ownPaths();
  if (!headless) await buildPagesIfOld();
  const found = await findOrStart(paths, true, false, undefined, ending.signal).catch((error: unknown) => {
    if (error !== ending.signal.reason) throw error;
    return undefined;
  });
  if (found === undefined) return;
  if ('running' in found) {
    await found.running.close();
    if (headless) {
      fail({
        code: 'core-running',
        message: 'A core of yours runs already, and only one does at a time; nothing was started.',
        hint: 'Every command goes through it by itself: mirrorfleet status',
      });
    }
    output.line('A core of yours runs already. Open its pages here (the address works once):');
    output.line(`\n  ${await askForAddress(paths.socket, port)}\n`);
    return;
  }
  const core = found.started;
  try {
    const address = headless ? undefined : await core.newAddress(port);
    const snapshot = await core.client.live.snapshot();
    for (const line of statusLines(snapshot, Date.now())) output.line(line);
    if (address !== undefined) {
      output.line('\nOpen Mirrorfleet in a browser (the address works once; the same command again gives another):');
      output.line(`\n  ${address}`);
    }
    output.line(
      '\nThe core runs; end it with Ctrl-C. In another terminal: mirrorfleet --help (in a checkout: npm run cli -- --help)',
    );
    await ended;
  } finally {
    await core.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = createOutput({ out: process.stdout, err: process.stderr }, { json: false, env: process.env });
  try {
    const { values } = parseArgs({
      options: { headless: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
    });
    await runUntilEnded(output, { headless: values.headless, port: Number(values.port) });
  } catch (error) {
    output.problem(problemOf(error));
    process.exitCode = 1;
  }
}
