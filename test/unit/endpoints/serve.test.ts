import { spawn } from 'node:child_process';
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
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a core that is to stay comes after a command that is just at work, and ends by a signal', async () => {
  const own = { MIRRORFLEET_HOME: folder };
  const paths = pathsOf(own, process.platform, homedir());
  const release = takeInstanceLock(paths.data);
  // Asked a second time whether a core listens, it was refused the lock once.
  let asked = 0;
  const door = createServer((socket) => {
    socket.destroy();
    asked += 1;
    if (asked === 2) door.close(release);
  });
  mkdirSync(dirname(paths.socket), { recursive: true });
  await new Promise<void>((resolve) => door.listen(paths.socket, resolve));
  const child = spawn(process.execPath, [program, '--headless'], { env: { ...process.env, ...own }, stdio: 'pipe' });
  const said = text(child.stderr);
  child.stdout.on('data', (chunk) => String(chunk).includes('The core runs') && child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  expect({ code, said: await said, asked }).toEqual({ code: 0, said: '', asked: 2 });
}, 60_000);
