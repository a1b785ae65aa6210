import { z } from 'zod';
import { nodeNameSchema, upstreamIdSchema } from './node.ts';
import { problemSchema } from './problem.ts';

/** up, slow (answers, but late), degraded (serves only what is cached, for the upstream's own reason), down, unknown (not asked yet or stale). */
export const mirrorStateSchema = z.enum(['up', 'slow', 'degraded', 'down', 'unknown']);
export type MirrorState = z.infer<typeof mirrorStateSchema>;

/** One timed request. Latencies in ms: `manifestMs` to the manifest's last byte, `firstByteMs` to a blob's first. */
export const latencySchema = z.object({
  manifestMs: z.number().optional(),
  firstByteMs: z.number().optional(),
  at: z.number(),
});
export type Latency = z.infer<typeof latencySchema>;

/** Pulls left of `limit` in each window, as the node's own address sees them. */
export const quotaSchema = z.object({ limit: z.number(), remaining: z.number(), windowSeconds: z.number() });
export type Quota = z.infer<typeof quotaSchema>;

export const mirrorViewSchema = z.object({
  node: nodeNameSchema,
  upstream: upstreamIdSchema,
  state: mirrorStateSchema,
  /** The upstream's or the mirror's own reason in words: `429, 0 of 100 pulls left, resets in 2 h`. */
  reason: z.string().optional(),
  quota: quotaSchema.optional(),
  cached: latencySchema.optional(),
  uncached: latencySchema.optional(),
  direct: latencySchema.optional(),
  directProblem: z.string().optional(),
  cacheBytes: z.number().optional(),
  hits: z.number().optional(),
  misses: z.number().optional(),
  at: z.number().optional(),
});
export type MirrorView = z.infer<typeof mirrorViewSchema>;

/** Free and total space and inodes of the file system that holds the node's data. */
export const diskSchema = z.object({
  totalBytes: z.number(),
  freeBytes: z.number(),
  totalInodes: z.number(),
  freeInodes: z.number(),
  cacheBytes: z.number(),
});
export type Disk = z.infer<typeof diskSchema>;

export const nodeViewSchema = z.object({
  name: nodeNameSchema,
  kind: z.literal('ssh'),
  address: z.string(),
  port: z.number(),
  state: mirrorStateSchema,
  /** Whether a node was ever applied; a node that was only added is `unknown` and its next step is `node apply`. */
  applied: z.boolean(),
  problem: problemSchema.optional(),
  mirrors: z.array(mirrorViewSchema),
  disk: diskSchema.optional(),
  certificateDays: z.number().optional(),
  seenAt: z.number().optional(),
});
export type NodeView = z.infer<typeof nodeViewSchema>;
