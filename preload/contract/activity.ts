import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { fileChangeSchema } from './runtime.ts';
import { taskKindSchema, taskSchema, taskStepSchema } from './task.ts';

/** What can be in the journal: every task, and every change that is made at once. */
export const activityKindSchema = z.enum([...taskKindSchema.options, 'node-add', 'pin', 'unpin', 'settings', 'vault']);
export type ActivityKind = z.infer<typeof activityKindSchema>;

/**
 * One line of the journal. `undo` is there where undo is exact and still possible, `resume` where an interrupted or failed task can go on.
 * `changes` are the files of this computer or of the node as unified diffs, without any secret.
 */
export const activityEntrySchema = z.object({
  id: z.string(),
  kind: activityKindSchema,
  subject: z.string(),
  title: z.string(),
  who: z.string(),
  state: taskSchema.shape.state,
  startedAt: z.number(),
  endedAt: z.number().optional(),
  steps: z.array(taskStepSchema),
  changes: z.array(fileChangeSchema),
  outcome: taskSchema.shape.outcome,
  problem: problemSchema.optional(),
  warnings: taskSchema.shape.warnings,
  undo: z.boolean(),
  resume: z.boolean(),
  /** The entry that took this one back. */
  undoneBy: z.string().optional(),
});
export type ActivityEntry = z.infer<typeof activityEntrySchema>;

/** Newest first, those begun before `before` (ms since 1970; all unless given). */
export const activityInputSchema = z.object({
  before: z.number().optional(),
  limit: z.int().min(1).max(500).default(100),
  subject: z.string().optional(),
  kinds: z.array(activityKindSchema).optional(),
});
export type ActivityInput = z.input<typeof activityInputSchema>;
export const activityPageSchema = z.object({ entries: z.array(activityEntrySchema), more: z.boolean() });
export type ActivityPage = z.infer<typeof activityPageSchema>;
