import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownPaths } from '../../../main/core.ts';
import { runUntilEnded } from '../../../main/serve.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import type { Output } from '../../../main/terminal/output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
  vi.stubEnv('MIRRORFLEET_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a core that is to stay comes after a command that is just at work, and ends by a signal', async () => {
  const paths = ownPaths();
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
  const serves = Promise.withResolvers<string>();
  const output = { line: (text: string) => text.includes('The core runs') && serves.resolve(text) } as Output;
  const served = runUntilEnded(output, { headless: true, port: 0 });
  await Promise.race([serves.promise, served]);
  expect(asked).toBe(2);
  process.emit('SIGHUP');
  await served;
}, 60_000);
