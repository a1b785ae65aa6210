import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Podman } from '../../../main/runtimes/podman.ts';
import { askPodman } from '../../../main/runtimes/podman-command.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'podman-'));
const path = process.env['PATH'];
process.env['PATH'] = `${folder}:${path ?? ''}`;
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** A podman that does not do what it should. */
const podmanThat = (script: string): void => {
  rmSync(join(folder, 'podman'), { force: true });
  writeFileSync(join(folder, 'podman'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};

test.each([
  ['says something of another form', 'echo "{}"', 'in a form not known here. Nothing'],
  ['fails', 'echo "Error: bad registries.conf" >&2; exit 125', 'does not work: Error: bad registries.conf. Nothing'],
])('a podman that %s is found, with what is wrong, and is not called direct', async (_, script, words) => {
  podmanThat(script);
  const view = await new Podman(new SwitchRecords(join(folder, 'none.json'))).inspect();
  expect(view).toMatchObject({ state: 'found', mirrors: [] });
  expect(view.problem?.message).toContain(words);
  expect(view.route).toBeUndefined();
});

test('a podman that does not answer in time says that, and not nothing', async () => {
  podmanThat('exec sleep 60');
  const answer = await askPodman(['info'], AbortSignal.timeout(50));
  expect(answer).toMatchObject({ code: 'killed', stderr: expect.stringContaining('timeout') as string });
});
