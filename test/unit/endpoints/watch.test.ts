import { expect, test } from 'vitest';
import { watch } from '../../../main/endpoints/watch.ts';
import { LiveState } from '../../../main/live-state.ts';
import type { Task } from '../../../preload/contract/task.ts';

const task = (id: number): Task => ({
  id: String(id),
  kind: 'prune',
  subject: `n${id}`,
  title: 't',
  state: 'done',
  startedAt: id,
  steps: [],
});

test('a watcher gets the snapshot, then every change in order', async () => {
  const live = new LiveState('1');
  const seen = watch({ snapshot: () => live.snapshot, subscribe: (each) => live.subscribe(each) }, undefined);
  expect((await seen.next()).value).toMatchObject({ kind: 'snapshot' });
  for (let id = 0; id < 5; id += 1) live.apply({ kind: 'task', task: task(id) });
  for (let id = 0; id < 5; id += 1) expect((await seen.next()).value).toMatchObject({ task: { id: String(id) } });
  await seen.return(undefined);
});

test('a watcher that is too far behind gets a fresh snapshot instead of an endless queue, then goes on', async () => {
  const live = new LiveState('1');
  const seen = watch({ snapshot: () => live.snapshot, subscribe: (each) => live.subscribe(each) }, undefined);
  await seen.next();
  for (let id = 0; id < 100_000; id += 1) live.apply({ kind: 'task', task: task(id % 1000) });
  expect((await seen.next()).value).toEqual({ kind: 'snapshot', snapshot: live.snapshot });
  live.apply({ kind: 'task', task: task(7777) });
  expect((await seen.next()).value).toMatchObject({ kind: 'task', task: { id: '7777' } });
  await seen.return(undefined);
});

test('a watcher that leaves while it waits is let go', async () => {
  const live = new LiveState('1');
  const leave = new AbortController();
  const seen = watch({ snapshot: () => live.snapshot, subscribe: (each) => live.subscribe(each) }, leave.signal);
  await seen.next();
  const waiting = seen.next();
  leave.abort();
  expect((await waiting).done).toBe(true);
});
