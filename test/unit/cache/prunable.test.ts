import { expect, test } from 'vitest';
import type { CacheSnapshot } from '../../../main/cache/cache-snapshot.ts';
import { readInventory } from '../../../main/cache/inventory.ts';
import { prunableBytes } from '../../../main/cache/prunable.ts';
import { everyMs, firstAfterMs, retryMs } from '../../../main/cache/prunable-times.ts';
import { PrunableWatch } from '../../../main/cache/prunable-watch.ts';
import { LiveState } from '../../../main/live-state.ts';
import { silentLog } from '../../../main/log/log.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';
import { TurnedClock } from '../monitor/turned-clock.ts';
import { type ModelImage, layerHex, snapshotOf } from './cache-model.ts';

const day = 86_400;
const image = (repository: string, layers: readonly number[], age: number): ModelImage => ({
  storage: 'docker.io',
  repository,
  tag: '1',
  platforms: [layers],
  age,
});
const bytesOf = (snapshot: CacheSnapshot) => prunableBytes({ name: 'tokyo' }, readInventory(snapshot));

test('what a prune would free is what was not used for 30 days, without what other images share with it', () => {
  const snapshot = snapshotOf([image('library/a', [1, 2], 31 * day), image('library/a/b', [2, 3], 29 * day)]);
  const layer = snapshot.blobs.get(layerHex(1))?.disk ?? 0;
  // Its own layer, its manifest and its configuration; layer 2 stays for the other.
  expect(bytesOf(snapshot)).toBe(layer + 2 * 4096);
});

test('a cache that must not be pruned frees nothing, until that is put right', () => {
  const snapshot = snapshotOf([image('library/a', [1], 31 * day)]);
  expect(bytesOf({ ...snapshot, unclearPins: [3] })).toBe(0);
  expect(bytesOf({ ...snapshot, descriptorCaches: ['docker.io.yml'] })).toBe(0);
  expect(bytesOf(snapshot)).toBeGreaterThan(0);
});

/** A watch over these nodes with a clock that is turned by hand. Counts last until `finish`, or end at once. */
function watched(names: readonly string[], { lasting = false, failing = false } = {}) {
  const clock = new TurnedClock();
  const live = new LiveState('1');
  const counts: { readonly node: string; readonly at: number; readonly signal: AbortSignal }[] = [];
  let finish = (): void => {};
  const watch = new PrunableWatch({
    snapshot: () => live.snapshot,
    clock,
    random: () => 0.5,
    log: silentLog,
    async count(node, signal) {
      counts.push({ node, at: clock.now(), signal });
      if (failing) throw new Error('unreachable');
      if (!lasting) return;
      await new Promise<void>((resolve, reject) => {
        finish = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  live.subscribe((change) => watch.hear(change));
  const put = (name: string, changed: Partial<NodeView> = {}): void =>
    live.apply({
      kind: 'node',
      node: { name, kind: 'ssh', address: 'h', port: 443, state: 'up', applied: true, mirrors: [], ...changed },
    });
  const task = (subject: string, state: Task['state'], kind: Task['kind'] = 'node-apply'): void =>
    live.apply({ kind: 'task', task: { id: subject, kind, subject, title: subject, state, startedAt: 0, steps: [] } });
  for (const name of names) put(name);
  watch.start();
  return { clock, live, counts, watch, put, task, finish: () => finish() };
}
const nodesOf = (counts: readonly { readonly node: string }[]) => counts.map(({ node }) => node);

test('a node is counted some minutes after it is seen first, and every six hours after that', async () => {
  const { clock, counts } = watched(['tokyo']);
  await clock.turn(firstAfterMs - 1);
  expect(counts).toEqual([]);
  await clock.turn(everyMs * 2 + 60_000);
  expect(counts.map(({ at }) => Math.round((at - firstAfterMs) / everyMs))).toEqual([0, 1, 2]);
});

test('one node at a time is counted', async () => {
  const { clock, counts, finish } = watched(['tokyo', 'osaka'], { lasting: true });
  await clock.turn(firstAfterMs + 600_000);
  expect(nodesOf(counts)).toEqual(['tokyo']);
  finish();
  await clock.turn(0);
  expect(nodesOf(counts)).toEqual(['tokyo', 'osaka']);
});

test('a count waits for the task on its node, and gives way to one that begins', async () => {
  const { clock, counts, task, finish } = watched(['tokyo'], { lasting: true });
  task('tokyo', 'running');
  await clock.turn(firstAfterMs + 600_000);
  expect(counts).toEqual([]);
  task('tokyo', 'done');
  await clock.turn(60_000);
  expect(nodesOf(counts)).toEqual(['tokyo']);
  task('tokyo', 'running');
  expect(counts[0]?.signal.aborted).toBe(true);
  await clock.turn(600_000);
  expect(counts).toHaveLength(1);
  task('tokyo', 'done');
  await clock.turn(60_000);
  expect(counts).toHaveLength(2);
  finish();
});

test('after a prune the figure is counted anew at once', async () => {
  const { clock, counts, task } = watched(['tokyo']);
  await clock.turn(firstAfterMs);
  task('tokyo', 'done', 'prune');
  await clock.turn(3_000);
  expect(nodesOf(counts)).toEqual(['tokyo', 'tokyo']);
});

test('a figure that came by another way puts the next count off', async () => {
  const { clock, counts, live } = watched(['tokyo']);
  await clock.turn(0);
  live.apply({ kind: 'prunable', prunable: { node: 'tokyo', bytes: 1, at: 0 } });
  await clock.turn(firstAfterMs + 60_000);
  expect(counts).toEqual([]);
  await clock.turn(everyMs);
  expect(counts).toHaveLength(1);
});

test('nodes that are down, not heard of or not applied are left alone until they answer', async () => {
  const { clock, counts, put } = watched([]);
  put('tokyo', { state: 'down' });
  put('osaka', { state: 'unknown' });
  put('kyoto', { applied: false });
  await clock.turn(everyMs);
  expect(counts).toEqual([]);
  put('tokyo', { state: 'slow' });
  await clock.turn(60_000);
  expect(nodesOf(counts)).toEqual(['tokyo']);
});

test('a count that fails is tried again an hour later, not at once', async () => {
  const { clock, counts } = watched(['tokyo'], { failing: true });
  await clock.turn(firstAfterMs + retryMs - 60_000);
  expect(counts).toHaveLength(1);
  await clock.turn(120_000);
  expect(counts).toHaveLength(2);
});

test('a stopped watch lets the count go and begins no other', async () => {
  const { clock, counts, watch } = watched(['tokyo'], { lasting: true });
  await clock.turn(firstAfterMs);
  await watch.stop();
  expect(counts[0]?.signal.aborted).toBe(true);
  await clock.turn(everyMs);
  expect(counts).toHaveLength(1);
});
