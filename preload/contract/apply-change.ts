import { assertNever } from './assert-never.ts';
import type { Change, Snapshot } from './live.ts';
import type { Task } from './task.ts';

/** Ended tasks that a snapshot remembers; older ones live in the history. */
const tasksKept = 50;

function put<T>(list: readonly T[], value: T, same: (a: T, b: T) => boolean): T[] {
  return list.some((each) => same(each, value))
    ? list.map((each) => (same(each, value) ? value : each))
    : [...list, value];
}

/** The last ones, and every one that still runs. */
function latest(tasks: readonly Task[]): Task[] {
  return tasks.filter((task, index) => task.state === 'running' || index >= tasks.length - tasksKept);
}

/** A node that is gone, or that holds no cache any more, has nothing to prune. */
function withoutPrunable(snapshot: Snapshot, node: string): Snapshot {
  if (!snapshot.prunable?.some((each) => each.node === node)) return snapshot;
  return { ...snapshot, prunable: snapshot.prunable.filter((each) => each.node !== node) };
}

/** The snapshot after a change. Pure, and the same on both sides of every border. */
export function applyChange(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.kind) {
    case 'node':
      return {
        ...(change.node.applied ? snapshot : withoutPrunable(snapshot, change.node.name)),
        nodes: put(snapshot.nodes, change.node, (a, b) => a.name === b.name),
      };
    case 'node-removed':
      return {
        ...withoutPrunable(snapshot, change.name),
        nodes: snapshot.nodes.filter((node) => node.name !== change.name),
      };
    case 'runtime':
      return { ...snapshot, runtimes: put(snapshot.runtimes, change.runtime, (a, b) => a.id === b.id) };
    case 'task':
      return { ...snapshot, tasks: latest(put(snapshot.tasks, change.task, (a, b) => a.id === b.id)) };
    case 'prunable':
      return { ...snapshot, prunable: put(snapshot.prunable ?? [], change.prunable, (a, b) => a.node === b.node) };
    case 'activity':
      return snapshot;
    default:
      return assertNever(change);
  }
}
