import { z } from 'zod';
import { nodeNameSchema, upstreamIdSchema } from './node.ts';

/** A stretch of time of one mirror, cut into at most `points` buckets. Times in ms since 1970. */
export const historyInputSchema = z.object({
  node: nodeNameSchema,
  upstream: upstreamIdSchema,
  from: z.number().nonnegative(),
  to: z.number().positive(),
  points: z.int().min(10).max(1000).default(300),
});
export type HistoryInput = z.infer<typeof historyInputSchema>;

/** One bucket of a series: the median, lowest and highest manifest latency in ms of its good samples (none: undefined), and how many failed. */
export const historyPointSchema = z.object({
  at: z.number(),
  p50: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  samples: z.number(),
  failed: z.number(),
});
export type HistoryPoint = z.infer<typeof historyPointSchema>;

/** What was counted within one bucket (not the running total). */
export const trafficPointSchema = z.object({
  at: z.number(),
  hits: z.number(),
  misses: z.number(),
  servedBytes: z.number(),
  fetchedBytes: z.number(),
});
export type TrafficPoint = z.infer<typeof trafficPointSchema>;

/**
 * Buckets are `widthMs` wide and only there where something was measured: a gap in time is a gap in the list. Neighbours in a list that are
 * further apart than `gapMs` have such a gap between them; nearer ones belong to one line, because some things are asked more rarely.
 */
export const mirrorHistorySchema = z.object({
  widthMs: z.number(),
  gapMs: z.number(),
  cached: z.array(historyPointSchema),
  uncached: z.array(historyPointSchema),
  direct: z.array(historyPointSchema),
  traffic: z.array(trafficPointSchema),
});
export type MirrorHistory = z.infer<typeof mirrorHistorySchema>;

/** The cache and the disk of a node over time, in bytes. */
export const growthSchema = z.object({
  node: nodeNameSchema,
  points: z.array(z.object({ at: z.number(), cacheBytes: z.number(), freeBytes: z.number() })),
});
export type Growth = z.infer<typeof growthSchema>;

/**
 * One pull as the edge's log has it: the requests of one client for one image, folded together. `who` is the name in the client
 * certificate, `reference` the tag or digest the pull began with.
 */
export const pullSchema = z.object({
  at: z.number(),
  upstream: z.string(),
  repository: z.string(),
  reference: z.string(),
  who: z.string(),
  agent: z.string(),
  client: z.string(),
  bytes: z.number(),
  ms: z.number(),
  requests: z.number(),
  /** The worst status of its requests; 499 where the client left before an answer ended. */
  status: z.number(),
});
export type Pull = z.infer<typeof pullSchema>;
