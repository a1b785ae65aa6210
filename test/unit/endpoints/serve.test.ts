import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownPaths } from '../../../main/core.ts';
import { runUntilEnded } from '../../../main/serve.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import type { Output } from '../../../main/terminal/output.ts';

vi.mock(import('../../../main/store/instance-lock.ts'), { spy: true });

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
  const release = takeInstanceLock(ownPaths().data);
  const lines: string[] = [];
  const output = { line: (text: string) => void lines.push(text) } as Output;
  const served = runUntilEnded(output, { headless: true, port: 0 });
  await vi.waitFor(() => expect(takeInstanceLock).toHaveReturnedWith(undefined), { timeout: 20_000 });
  release?.();
  await vi.waitFor(() => expect(lines.join('\n')).toContain('The core runs'), { timeout: 20_000 });
  process.emit('SIGHUP');
  await served;
}, 60_000);
