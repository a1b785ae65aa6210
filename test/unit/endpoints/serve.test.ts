import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import { pathsOf } from '../../../main/store/paths.ts';

const program = join(import.meta.dirname, '../../../main/serve.ts');
let folder: string;
let started: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
});
afterEach(async () => {
  if (started?.exitCode === null && started.kill('SIGKILL')) await once(started, 'exit');
  rmSync(folder, { recursive: true });
});

/** A core that is to stay, as a program, while a command of the same user has the lock; `whenRefused` runs when it was refused that once. */
async function serveBesideACommand(whenRefused: (release: () => void, child: ChildProcess) => void) {
  const own = { MIRRORFLEET_HOME: folder };
  const paths = pathsOf(own, process.platform, homedir());
  const release = takeInstanceLock(paths.data);
  if (release === undefined) throw new Error('the lock of a new folder is taken');
  // Asked a second time whether a core listens, it was refused the lock once.
  let asked = 0;
  const door = createServer((socket) => {
    socket.destroy();
    asked += 1;
    if (asked === 2) door.close(() => whenRefused(release, child));
  });
  mkdirSync(dirname(paths.socket), { recursive: true });
  await new Promise<void>((resolve) => door.listen(paths.socket, resolve));
  const child = spawn(process.execPath, [program, '--headless'], { env: { ...process.env, ...own }, stdio: 'pipe' });
  started = child;
  const complaints = text(child.stderr);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
    if (said.includes('The core runs')) child.kill('SIGTERM');
  });
  const [code] = await once(child, 'close');
  return { code, said, complaints: await complaints, paths };
}

test('a core that is to stay comes after a command that is just at work, and ends by a signal', async () => {
  const { code, said, complaints } = await serveBesideACommand((release) => release());
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
  expect(said).toContain('The core runs');
}, 60_000);

test('Ctrl-C while it waits for that command ends the wait, and nothing was started', async () => {
  const { code, said, complaints, paths } = await serveBesideACommand((_, child) => child.kill('SIGINT'));
  // Had it waited on, it would have complained that the command does not end.
  expect({ code, said, complaints }).toEqual({ code: 0, said: '', complaints: '' });
  // The command's lock is still its own.
  expect(takeInstanceLock(paths.data)).toBeUndefined();
}, 60_000);
