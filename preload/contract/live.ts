import { z } from 'zod';
import { activityEntrySchema } from './activity.ts';
import { nodeNameSchema } from './node.ts';
import { runtimeViewSchema } from './runtime.ts';
import { nodeViewSchema } from './status.ts';
import { taskSchema } from './task.ts';

/** What a prune by the standard rule (`standardPrune`) would free on a node, counted at `at` (ms since 1970). 0 where one would be refused. */
export const prunableSchema = z.object({ node: nodeNameSchema, bytes: z.number().nonnegative(), at: z.number() });
export type Prunable = z.infer<typeof prunableSchema>;

/** Everything a window, a tray or `status --watch` shows, in one value. */
export const snapshotSchema = z.object({
  version: z.string(),
  nodes: z.array(nodeViewSchema),
  runtimes: z.array(runtimeViewSchema),
  tasks: z.array(taskSchema),
  /** One for each node whose cache was counted since the core began; a node without one was not counted yet. */
  prunable: z.array(prunableSchema).optional(),
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
  z.object({ kind: z.literal('prunable'), prunable: prunableSchema }),
  /** A new or changed line of the journal. The snapshot holds none: pages ask for them and put this in. */
  z.object({ kind: z.literal('activity'), entry: activityEntrySchema }),
]);
export type Change = z.infer<typeof changeSchema>;
