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

/** The snapshot after a change. Pure, and the same on both sides of every border. */
export function applyChange(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.kind) {
    case 'node':
      return { ...snapshot, nodes: put(snapshot.nodes, change.node, (a, b) => a.name === b.name) };
    case 'node-removed':
      return { ...snapshot, nodes: snapshot.nodes.filter((node) => node.name !== change.name) };
    case 'runtime':
      return { ...snapshot, runtimes: put(snapshot.runtimes, change.runtime, (a, b) => a.id === b.id) };
    case 'task':
      return { ...snapshot, tasks: latest(put(snapshot.tasks, change.task, (a, b) => a.id === b.id)) };
    case 'activity':
      return snapshot;
    default:
      return assertNever(change);
  }
}
