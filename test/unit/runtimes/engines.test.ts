import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Identities } from '../../../main/certificates/identities.ts';
import { Engines } from '../../../main/runtimes/engines.ts';
import type { PreparedSwitch, Runtime } from '../../../main/runtimes/runtime.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import type { NodeStore } from '../../../main/store/nodes.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { ProblemError, type Problem } from '../../../preload/contract/problem.ts';
import type { RuntimeId } from '../../../preload/contract/runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'engines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = () => Promise.reject(new Error('not asked'));
const alreadySo = (runtime: RuntimeId): PreparedSwitch => ({
  runtime,
  route: [],
  nothingToDo: true,
  writer: 'user',
  activate: 'nothing',
  edits: [],
  interim: undefined,
  interimFirst: false,
  liveBefore: undefined,
  expectedMirrors: [],
  ourMirrors: [],
  original: undefined,
  activation: { code: 'nothing-to-do' },
  restarts: [],
  warnings: [],
});

/** An engine that is there and follows direct already, or has a problem that every switch of it meets. */
function engine(id: RuntimeId, code?: string, prepared: () => void = () => {}): Runtime {
  const problem: Problem | undefined = code ? { code, message: 'm', hint: 'h', retryable: false } : undefined;
  return {
    id,
    engine: id,
    userAgent: '',
    provesAsRoot: false,
    inspect: async () => ({ id, engine: id, state: 'found', mirrors: [], route: [], ...(problem ? { problem } : {}) }),
    prepare: async () => {
      prepared();
      if (problem) throw new ProblemError(problem);
      return alreadySo(id);
    },
    liveMirrors: never,
    pullForProof: never,
    storage: never,
  };
}

function enginesOf(runtimes: readonly Runtime[], tasks = new Tasks(() => {})): Engines {
  return new Engines({
    runtimes,
    tasks,
    nodes: {} as NodeStore,
    identities: {} as Identities,
    records: new SwitchRecords(join(folder, 'switches.json')),
    edgeRequests: never,
  });
}

test.each(['docker-rootless-not-yet', 'docker-vm-not-yet', 'docker-too-old', 'docker-containerd-store'])(
  'a switch of all leaves out an engine that can never be switched (%s)',
  async (code) => {
    const tasks = await enginesOf([engine('docker', code), engine('podman')]).switchAll([], undefined);
    expect(tasks.map(({ subject, state }) => [subject, state])).toEqual([['podman', 'done']]);
  },
);

test('a switch of all still fails at an engine whose trouble can be cured', async () => {
  const tasks = await enginesOf([engine('docker', 'docker-mirror-flag'), engine('podman')]).switchAll([], undefined);
  expect(tasks.map(({ subject, state }) => [subject, state])).toEqual([
    ['docker', 'failed'],
    ['podman', 'done'],
  ]);
});

test('where nothing can be switched, the reason of an engine that is there is said, not that there is none', async () => {
  const only = enginesOf([engine('docker', 'docker-snap-not-yet'), engine('containerd', 'containerd-cri-disabled')]);
  await expect(only.switchAll([], undefined)).rejects.toMatchObject({ problem: { code: 'docker-snap-not-yet' } });
  const none = enginesOf([engine('containerd', 'containerd-cri-disabled')]);
  await expect(none.switchAll([], undefined)).rejects.toMatchObject({ problem: { code: 'no-engine-found' } });
});

test('an engine that becomes busy in the middle of a switch of all fails alone: what was done is told', async () => {
  const tasks = new Tasks(() => {});
  const busy = Promise.withResolvers<void>();
  let asked = 0;
  const start = (): void => {
    // The first time it is asked for its rights; the second time it is being switched.
    asked += 1;
    if (asked === 2) void tasks.run({ kind: 'prove', subject: 'podman', title: 'Test Podman' }, () => busy.promise);
  };
  const done = await enginesOf([engine('docker', undefined, start), engine('podman')], tasks).switchAll([], undefined);
  busy.resolve();
  expect(done.map(({ subject, state, problem }) => [subject, state, problem?.code])).toEqual([
    ['docker', 'done', undefined],
    ['podman', 'failed', 'task-running'],
  ]);
});

test('one engine is looked at without waiting for the others, whose answers may take long', async () => {
  const slow: Runtime = { ...engine('podman'), inspect: () => new Promise(() => {}) };
  const views = await enginesOf([engine('docker'), slow]).inspect('docker');
  expect(views.map(({ id }) => id)).toEqual(['docker']);
});
