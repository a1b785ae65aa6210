import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { leaveCgroups } from './cgroups.ts';
import { tearDown } from './teardown.ts';

/** Dismisses the janitor and waits until it has gone. */
export type DismissJanitor = () => Promise<void>;

/**
 * Starts a detached process that waits for this one's end, whatever ends it, and then removes what is left of the run.
 * It knows by its standard input: the kernel closes our end of that pipe when we are gone, SIGKILL or not.
 */
export function postJanitor(dir: string): DismissJanitor {
  const janitor = spawn(process.execPath, [fileURLToPath(import.meta.url), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  janitor.unref();
  const gone = once(janitor, 'exit');
  return async () => {
    janitor.ref();
    janitor.stdin.end();
    await gone;
  };
}

async function waitAndSweep(dir: string): Promise<void> {
  await leaveCgroups();
  process.stdin.resume();
  await once(process.stdin, 'close');
  await tearDown(dir);
}

if (import.meta.main) {
  const [dir] = process.argv.slice(2);
  if (dir === undefined) throw new Error('usage: janitor.ts DIR');
  await waitAndSweep(dir);
}
