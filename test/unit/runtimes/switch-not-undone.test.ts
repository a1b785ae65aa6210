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

test('a switch that fails and cannot be taken back says both, and its record stays for "direct"', async () => {
  const records = new SwitchRecords(join(folder, 'restore.json'));
  const asked: unknown[] = [];
  const ask = async (request: object): Promise<Readonly<Record<string, unknown>>> => {
    const { verb } = request as { readonly verb: string };
    asked.push(verb);
    if (verb === 'reload') return fail({ code: 'docker-stopped', message: 'No dockerd.', hint: 'h' });
    if (verb === 'rollback') return fail({ code: 'file-changed-since-preview', message: 'Changed.', hint: 'h' });
    return { ok: true };
  };
  const task = await new Tasks(() => {}).run({ kind: 'switch', subject: 'docker', title: 't' }, (context) =>
    runSwitch({
      runtime: {
        ...runtime,
        prepare: () => Promise.resolve({ ...prepared, liveBefore: [] }),
        liveMirrors: () => Promise.resolve([]),
      },
      route: [],
      endpoints: [],
      task: context,
      records,
      openHelper: () => Promise.resolve({ ask, close: () => Promise.resolve() }),
      edgeRequests: never,
    }).then(() => undefined),
  );
  expect(asked).toEqual(['apply', 'reload', 'rollback']);
  expect(task.problem).toMatchObject({
    code: 'restore-failed',
    message: expect.stringMatching(/No dockerd\..*Changed\./),
    hint: expect.stringContaining('/var/lib/mirrorfleet/backups'),
  });
  expect(records.read('docker')?.state).toBe('switching');
});
