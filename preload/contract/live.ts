import { z } from 'zod';
import { activityEntrySchema } from './activity.ts';
import { assertNever } from './assert-never.ts';
import { nodeNameSchema } from './node.ts';
import { runtimeViewSchema } from './runtime.ts';
import { nodeViewSchema } from './status.ts';
import { type Task, taskSchema } from './task.ts';

/** Everything a window, a tray or `status --watch` shows, in one value. */
export const snapshotSchema = z.object({
  version: z.string(),
  nodes: z.array(nodeViewSchema),
  runtimes: z.array(runtimeViewSchema),
  tasks: z.array(taskSchema),
  /** Whose core it is: `dev@laptop`; entries of the journal by others carry another name. */
  who: z.string().optional(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** News that carries its data; whoever holds a snapshot stays true by applying these in order. */
export const changeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('node'), node: nodeViewSchema }),
  z.object({ kind: z.literal('node-removed'), name: nodeNameSchema }),
  z.object({ kind: z.literal('runtime'), runtime: runtimeViewSchema }),
  z.object({ kind: z.literal('task'), task: taskSchema }),
  /** A new or changed line of the journal. The snapshot holds none: pages ask for them and put this in. */
  z.object({ kind: z.literal('activity'), entry: activityEntrySchema }),
]);
export type Change = z.infer<typeof changeSchema>;

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
