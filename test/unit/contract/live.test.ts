import { expect, test } from 'vitest';
import { LiveState } from '../../../main/live-state.ts';
import { applyChange } from '../../../preload/contract/apply-change.ts';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import type { Change, Snapshot } from '../../../preload/contract/live.ts';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { Task } from '../../../preload/contract/task.ts';

const node = (name: string, state: 'up' | 'down') => ({
  name,
  kind: 'ssh' as const,
  address: 'h',
  port: 443,
  state,
  applied: true,
  mirrors: [],
});
const changes: Change[] = [
  { kind: 'node', node: node('tokyo', 'down') },
  { kind: 'node', node: node('osaka', 'up') },
  { kind: 'node', node: node('tokyo', 'up') },
  { kind: 'runtime', runtime: { id: 'docker', engine: 'Docker', state: 'found', mirrors: [] } },
  { kind: 'node-removed', name: 'osaka' },
];

test('whoever applies the changes to an early snapshot has the same state as the core', () => {
  const live = new LiveState('1');
  let mine: Snapshot = live.snapshot;
  live.subscribe((change) => (mine = applyChange(mine, change)));
  for (const change of changes) live.apply(change);
  expect(mine).toEqual(live.snapshot);
  expect(live.snapshot.nodes).toEqual([node('tokyo', 'up')]);
});

test('applying a change leaves the old snapshot as it was', () => {
  const before: Snapshot = { version: '1', nodes: [], runtimes: [], tasks: [] };
  for (const change of changes) applyChange(before, change);
  expect(before).toEqual({ version: '1', nodes: [], runtimes: [], tasks: [] });
});

test('a task that runs is remembered however many came after it', () => {
  const task = (id: string, state: 'running' | 'done') => ({
    id,
    kind: 'prune' as const,
    subject: id,
    title: id,
    state,
    startedAt: 0,
    steps: [],
  });
  let snapshot: Snapshot = { version: '1', nodes: [], runtimes: [], tasks: [] };
  snapshot = applyChange(snapshot, { kind: 'task', task: task('long', 'running') });
  for (let at = 0; at < 80; at += 1) snapshot = applyChange(snapshot, { kind: 'task', task: task(`t${at}`, 'done') });
  expect(snapshot.tasks[0]?.id).toBe('long');
  expect(snapshot.tasks.length).toBe(51);
});

test('of tasks that ended the last fifty are remembered, in the order in which they began', () => {
  const task = (id: string, state: Task['state']): Task => ({
    id,
    kind: 'prune',
    subject: id,
    title: id,
    state,
    startedAt: 0,
    steps: [],
  });
  let snapshot: Snapshot = { version: '1', nodes: [], runtimes: [], tasks: [] };
  for (let at = 0; at < 51; at += 1)
    snapshot = applyChange(snapshot, { kind: 'task', task: task(`t${at}`, 'running') });
  for (let at = 0; at < 51; at += 1) snapshot = applyChange(snapshot, { kind: 'task', task: task(`t${at}`, 'done') });
  expect(snapshot.tasks.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, at) => `t${at + 1}`));
  expect(snapshot.tasks.every(({ state }) => state === 'done')).toBe(true);
});

test('news of an engine, or of what a prune would free, take the place of what was known, and leave the others', () => {
  const engine = (id: RuntimeView['id'], state: RuntimeView['state']): RuntimeView => ({
    id,
    engine: id,
    state,
    mirrors: [],
  });
  const live = new LiveState('1');
  for (const each of [engine('docker', 'absent'), engine('podman', 'absent'), engine('docker', 'found')])
    live.apply({ kind: 'runtime', runtime: each });
  expect(live.snapshot.runtimes).toEqual([engine('docker', 'found'), engine('podman', 'absent')]);
  for (const [name, bytes] of [
    ['tokyo', 1],
    ['osaka', 2],
    ['tokyo', 3],
  ] as const)
    live.apply({ kind: 'prunable', prunable: { node: name, bytes, at: 1 } });
  expect(live.snapshot.prunable?.map(({ bytes }) => bytes)).toEqual([3, 2]);
});

test('news of a node take the place of what was known of it, and leave the others where they are', () => {
  const live = new LiveState('1');
  for (const each of [node('tokyo', 'down'), node('osaka', 'down'), node('kyoto', 'down'), node('osaka', 'up')])
    live.apply({ kind: 'node', node: each });
  expect(live.snapshot.nodes).toEqual([node('tokyo', 'down'), node('osaka', 'up'), node('kyoto', 'down')]);
});

test('the only node takes what a prune would free along', () => {
  const live = new LiveState('1');
  live.apply({ kind: 'node', node: node('tokyo', 'up') });
  live.apply({ kind: 'prunable', prunable: { node: 'tokyo', bytes: 1, at: 1 } });
  live.apply({ kind: 'node-removed', name: 'tokyo' });
  expect(live.snapshot.prunable).toEqual([]);
});

test('a line of the journal changes nothing that is live', () => {
  const { snapshot } = new LiveState('1');
  const entry: ActivityEntry = {
    id: 'a',
    kind: 'switch',
    subject: 'docker',
    title: 'x',
    who: 'dev@laptop',
    state: 'done',
    startedAt: 0,
    steps: [],
    changes: [],
    outcome: undefined,
    undo: false,
    resume: false,
  };
  expect(applyChange(snapshot, { kind: 'activity', entry })).toBe(snapshot);
});

test('a listener that left hears nothing more', () => {
  const live = new LiveState('1');
  const heard: Change[] = [];
  live.subscribe((change) => heard.push(change))();
  for (const change of changes) live.apply(change);
  expect(heard).toEqual([]);
});

test('what a prune would free goes with its node, and with the cache of a node that is none any more', () => {
  const live = new LiveState('1');
  for (const name of ['tokyo', 'osaka', 'kyoto']) {
    live.apply({ kind: 'node', node: node(name, 'up') });
    live.apply({ kind: 'prunable', prunable: { node: name, bytes: 1, at: 1 } });
  }
  live.apply({ kind: 'prunable', prunable: { node: 'kyoto', bytes: 2, at: 2 } });
  live.apply({ kind: 'node-removed', name: 'tokyo' });
  live.apply({ kind: 'node', node: { ...node('osaka', 'down'), applied: false } });
  live.apply({ kind: 'node', node: node('kyoto', 'down') });
  expect(live.snapshot.prunable).toEqual([{ node: 'kyoto', bytes: 2, at: 2 }]);
});
