import { expect, test } from 'vitest';
import { Api, type Services } from '../../../main/api.ts';
import { LiveState } from '../../../main/live-state.ts';
import type { RuntimeId, RuntimeView } from '../../../preload/contract/runtime.ts';

const view = (id: RuntimeId): RuntimeView => ({ id, engine: id, state: 'found', mirrors: [], route: ['tokyo'] });
const all: readonly RuntimeId[] = ['docker', 'containerd', 'podman'];

/** An Api whose engines do anything at once, and the engines that it looked at. */
function looking(): { api: Api; live: LiveState; looked: RuntimeId[] } {
  const live = new LiveState('1', 'dev@laptop');
  const looked: RuntimeId[] = [];
  const done = () => Promise.resolve(undefined);
  const engines = {
    switch: done,
    prove: done,
    switchAll: () => Promise.reject(new Error('refused')),
    inspect(only?: RuntimeId) {
      const asked = only === undefined ? all : [only];
      looked.push(...asked);
      return Promise.resolve(asked.map(view));
    },
  };
  return { api: new Api({ live, engines } as unknown as Services), live, looked };
}

test('after a switch or a proof of one engine that one is looked at, and the answer waits for no other', async () => {
  const { api, live, looked } = looking();
  await api.switchRuntime('podman', ['tokyo'], undefined);
  await api.proveRuntime('docker', undefined);
  expect(looked).toEqual(['podman', 'docker']);
  expect(live.snapshot.runtimes.map(({ id }) => id).toSorted()).toEqual(['docker', 'podman']);
});

test('after a switch of all, also one that was refused, every engine is looked at', async () => {
  const { api, looked } = looking();
  await expect(api.switchAll(['tokyo'], undefined)).rejects.toThrow('refused');
  expect(looked).toEqual(all);
});
