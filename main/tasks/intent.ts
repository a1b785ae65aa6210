import { z } from 'zod';
import { pinSchema, prunePolicySchema, scheduleSchema } from '../../preload/contract/cache.ts';
import { nodeNameSchema } from '../../preload/contract/node.ts';
import { routeSchema, runtimeIdSchema } from '../../preload/contract/runtime.ts';
import { settingsPartSchema } from '../../preload/contract/settings.ts';

/**
 * What a job or a change wants and what was there before: all that is needed to do it again, or to take it back, after this process has
 * died. `before` is missing where what was there is not ours to give back. Never a secret: intents lie in the journal.
 */
export const intentSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('switch'),
    runtime: runtimeIdSchema,
    route: routeSchema,
    before: routeSchema.optional(),
  }),
  z.object({ kind: z.literal('node-apply'), node: nodeNameSchema, installEngine: z.boolean() }),
  z.object({
    kind: z.literal('node-remove'),
    node: nodeNameSchema,
    keepCache: z.boolean(),
    forget: z.boolean(),
    /** It is taken off its server only and stays one that was added. */
    remember: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('prune'),
    node: nodeNameSchema,
    policy: prunePolicySchema,
    graceSeconds: z.number().optional(),
  }),
  z.object({
    kind: z.literal('cache-schedule'),
    node: nodeNameSchema,
    schedule: scheduleSchema.optional(),
    before: scheduleSchema.optional(),
  }),
  /** Only the pins that were not there before (`pin`) or were there (`unpin`). */
  z.object({ kind: z.literal('pin'), node: nodeNameSchema, pins: z.array(pinSchema) }),
  z.object({ kind: z.literal('unpin'), node: nodeNameSchema, pins: z.array(pinSchema) }),
  /** The same keys before and after. */
  z.object({ kind: z.literal('settings'), before: settingsPartSchema, after: settingsPartSchema }),
]);
export type Intent = z.infer<typeof intentSchema>;
