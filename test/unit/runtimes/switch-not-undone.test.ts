import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fail } from '../../../preload/contract/problem.ts';
import { textEdit } from '../../../main/runtimes/file-diff.ts';
import type { PreparedSwitch, Runtime } from '../../../main/runtimes/runtime.ts';
import { runSwitch } from '../../../main/runtimes/switch.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';

const folder = mkdtempSync(join(tmpdir(), 'switch-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prepared: PreparedSwitch = {
  runtime: 'docker',
  route: [],
  nothingToDo: false,
  writer: 'root',
  activate: 'reload',
  edits: [textEdit('/etc/docker/daemon.json', undefined, new TextEncoder().encode('{}'))],
  interim: undefined,
  interimFirst: false,
  liveBefore: undefined,
  expectedMirrors: [],
  ourMirrors: [],
  original: undefined,
  activation: { code: 'docker-reloads' },
  restarts: [],
  warnings: [],
};
const never = () => Promise.reject(new Error('not asked'));
const runtime: Runtime = {
  id: 'docker',
  engine: 'Docker',
  userAgent: 'docker/',
  provesAsRoot: false,
  inspect: never,
  prepare: () => Promise.resolve(prepared),
  liveMirrors: never,
  pullForProof: never,
  storage: never,
};

test.each([
  ['privileged-write-failed', undefined],
  ['privileged-work-failed', 'switching'],
] as const)('a write that ends with %s leaves the record %s', async (code, state) => {
  const records = new SwitchRecords(join(folder, `${code}.json`));
  const ask = () => Promise.resolve().then(() => fail({ code, message: 'm', hint: 'h' }));
  const task = await new Tasks(() => {}).run({ kind: 'switch', subject: 'docker', title: 't' }, async (context) => {
    await runSwitch({
      runtime,
      route: [],
      endpoints: [],
      task: context,
      records,
      openHelper: () => Promise.resolve({ ask, close: () => Promise.resolve() }),
      edgeRequests: never,
    });
  });
  expect(task.problem?.code).toBe(code);
  expect(records.read('docker')?.state).toBe(state);
});
