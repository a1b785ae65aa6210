import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { sayingSchema } from './saying.ts';

export const taskStepSchema = z.object({
  id: z.string(),
  label: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped', 'undone']),
  /** `done` of `total` in `unit`; a total of 0 means it is not known. */
  progress: z.object({ done: z.number(), total: z.number(), unit: z.enum(['bytes', 'items']) }).optional(),
  note: sayingSchema.optional(),
  /** Why it failed: known while the job still takes back what it did. */
  problem: problemSchema.optional(),
});
export type TaskStep = z.infer<typeof taskStepSchema>;

export const taskKindSchema = z.enum([
  'node-apply',
  'node-remove',
  'switch',
  'prune',
  'scrub',
  'cache-schedule',
  'prove',
  'undo',
]);
export type TaskKind = z.infer<typeof taskKindSchema>;

/** A running or ended job. `subject` is the node or runtime it works on; `outcome` holds its figures (bytes freed, proof) by name. */
export const taskSchema = z.object({
  id: z.string(),
  kind: taskKindSchema,
  subject: z.string(),
  title: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  steps: z.array(taskStepSchema),
  problem: problemSchema.optional(),
  outcome: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), sayingSchema])).optional(),
  /** What is not as it should be although the job came to its end. */
  warnings: z.array(problemSchema).optional(),
  /** Whose work it is: `dev@laptop`. */
  who: z.string().optional(),
});
export type Task = z.infer<typeof taskSchema>;
