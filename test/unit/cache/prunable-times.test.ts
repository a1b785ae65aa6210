import { describe, expect, it } from 'vitest';
import { dueIn, everyMs, firstAfterMs, keepDue, newsOf, nextCount } from '../../../main/cache/prunable-times.ts';
import type { Snapshot } from '../../../preload/contract/live.ts';
import type { NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';

const now = 1_000_000_000;
const node = (name: string, changed: Partial<NodeView> = {}): NodeView => ({
  name,
  kind: 'ssh',
  address: 'h',
  port: 443,
  state: 'up',
  applied: true,
  mirrors: [],
  ...changed,
});
const task = (subject: string, changed: Partial<Task> = {}): Task => ({
  id: subject,
  kind: 'node-apply',
  subject,
  title: subject,
  state: 'running',
  startedAt: 0,
  steps: [],
  ...changed,
});
const seen = (nodes: readonly NodeView[], tasks: readonly Task[] = []) => ({ nodes, tasks }) as unknown as Snapshot;

describe('the time of a count', () => {
  it.each([
    [0, 900],
    [0.5, 1000],
    [1, 1100],
  ])('is spread by a tenth to each side (%d)', (random, expected) => {
    expect(dueIn(1000, now, random) - now).toBeCloseTo(expected);
  });

  it('stays for a node that is known, and comes three minutes after a new one was seen', () => {
    const due = keepDue(
      new Map([
        ['tokyo', now + 5],
        ['gone', now + 5],
      ]),
      seen([node('tokyo'), node('osaka'), node('kyoto', { applied: false })]),
      now,
      () => 0.5,
    );
    expect([...due]).toEqual([
      ['tokyo', now + 5],
      ['osaka', now + firstAfterMs],
    ]);
  });

  it.each([
    [everyMs * 1.1, everyMs * 1.1],
    [everyMs * 1.1 + 1, firstAfterMs],
    [-everyMs, -everyMs],
  ])('of %d ms from now, which a clock set back may have left, becomes %d', (ms, expected) => {
    const due = keepDue(new Map([['tokyo', now + ms]]), seen([node('tokyo')]), now, () => 0.5);
    expect((due.get('tokyo') ?? 0) - now).toBeCloseTo(expected);
  });
});

describe('the next count', () => {
  const three = [node('tokyo'), node('osaka'), node('kyoto')];

  it('is of the node that waits longest', () => {
    const due = new Map([
      ['tokyo', now - 1],
      ['osaka', now - 3],
      ['kyoto', now - 2],
    ]);
    expect(nextCount(due, seen(three), now)).toEqual({ node: 'osaka' });
    expect(nextCount(due, seen([node('tokyo'), node('kyoto')]), now)).toEqual({ node: 'kyoto' });
  });

  it.each([
    [0, { node: 'tokyo' }],
    [1, { waitMs: 1 }],
    [60_000, { waitMs: 60_000 }],
    [60_001, { waitMs: 60_000 }],
  ])('of a node that is due in %d ms is %o', (ms, expected) => {
    expect(nextCount(new Map([['tokyo', now + ms]]), seen(three), now)).toEqual(expected);
  });

  it.each<[string, Snapshot]>([
    ['nothing is known of the node', seen([])],
    ['the node is down', seen([node('tokyo', { state: 'down' })])],
    ['the node was not heard of', seen([node('tokyo', { state: 'unknown' })])],
    ['a task runs on the node', seen(three, [task('osaka', { state: 'done' }), task('tokyo')])],
  ])('waits a minute where %s', (_, snapshot) => {
    expect(nextCount(new Map([['tokyo', now - 1]]), snapshot, now)).toEqual({ waitMs: 60_000 });
  });

  it.each<[string, Task]>([
    ['on another node', task('osaka')],
    ['that has ended', task('tokyo', { state: 'done' })],
  ])('does not wait for a task %s', (_, other) => {
    expect(nextCount(new Map([['tokyo', now - 1]]), seen(three, [other]), now)).toEqual({ node: 'tokyo' });
  });
});

describe('what is heard of a node', () => {
  it.each([
    [
      'a figure',
      { kind: 'prunable', prunable: { node: 'tokyo', bytes: 1, at: 0 } },
      { node: 'tokyo', news: 'counted' },
    ],
    ['a task that runs', { kind: 'task', task: task('tokyo', { kind: 'prune' }) }, { node: 'tokyo', news: 'taken' }],
    [
      'a prune that ended',
      { kind: 'task', task: task('tokyo', { kind: 'prune', state: 'failed' }) },
      { node: 'tokyo', news: 'wrong' },
    ],
    [
      'a repair that ended',
      { kind: 'task', task: task('tokyo', { kind: 'scrub', state: 'done' }) },
      { node: 'tokyo', news: 'wrong' },
    ],
    ['another task that ended', { kind: 'task', task: task('tokyo', { state: 'done' }) }, undefined],
    ['the node itself', { kind: 'node', node: node('tokyo') }, undefined],
  ] as const)('%s', (_, change, news) => {
    expect(newsOf(change)).toEqual(news);
  });
});
