import { z } from 'zod';
import { nodeNameSchema, upstreamIdSchema } from './node.ts';
import { problemSchema } from './problem.ts';
import { sayingSchema } from './saying.ts';

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

/** What the upstream itself answers the *node*, past the mirror. Without a status it does not answer, for the reason that `because` gives. */
export const upstreamViewSchema = z.object({
  at: z.number(),
  status: z.number().optional(),
  ms: z.number().optional(),
  because: sayingSchema.optional(),
});
export type UpstreamView = z.infer<typeof upstreamViewSchema>;

/** What a mirror served and fetched since `since` (ms since 1970), counted by its own program without this app's probes. Requests and bytes. */
export const trafficSchema = z.object({
  since: z.number(),
  hits: z.number(),
  misses: z.number(),
  /** Bytes given to clients. */
  servedBytes: z.number(),
  /** Bytes that came from the upstream; what is served beyond them was saved. */
  fetchedBytes: z.number(),
});
export type Traffic = z.infer<typeof trafficSchema>;

/** The last probes kept in a view for its sparkline, oldest first. */
export const recentProbes = 30;

export const mirrorViewSchema = z.object({
  node: nodeNameSchema,
  upstream: upstreamIdSchema,
  state: mirrorStateSchema,
  /** The upstream's or the mirror's own reason: `429, 0 of 100 pulls left, resets in 2 h`. */
  because: sayingSchema.optional(),
  atUpstream: upstreamViewSchema.optional(),
  /** Manifest latencies (ms) of the last {@link recentProbes} cached probes, oldest first; null for one that failed. */
  recentMs: z.array(z.number().nullable()).optional(),
  traffic: trafficSchema.optional(),
  quota: quotaSchema.optional(),
  cached: latencySchema.optional(),
  uncached: latencySchema.optional(),
  direct: latencySchema.optional(),
  /** Why there is no direct figure: this computer is blocked, refused or offline. */
  directBecause: sayingSchema.optional(),
  /** Bytes on the node's disk that this mirror's own repositories link; what two mirrors of a node share counts for both. */
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

/** When the disk is full if it goes on as in the last days; `bytesPerDay` may be negative, then there is no day. Days from now. */
export const forecastSchema = z.object({
  bytesPerDay: z.number(),
  fullInDays: z.number().optional(),
  inodesFullInDays: z.number().optional(),
  /** How many days of measurements this rests on. */
  measuredDays: z.number(),
});
export type Forecast = z.infer<typeof forecastSchema>;

/** A program of the node as it runs, and what is known to be wrong with that version. */
export const programSchema = z.object({
  id: z.enum(['docker', 'compose', 'registry', 'envoy']),
  version: z.string(),
  known: sayingSchema.optional(),
});
export type Program = z.infer<typeof programSchema>;

/** Files of the node that are not as the last apply left them. Empty: none. `at` is when that was looked at. */
export const driftSchema = z.object({ at: z.number(), files: z.array(z.string()) });
export type Drift = z.infer<typeof driftSchema>;

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
  /** What is typed after `ssh` to reach the machine. */
  destination: z.string().optional(),
  /** When it was applied last, in ms since 1970. */
  appliedAt: z.number().optional(),
  /** A figure older than this (ms) says nothing about now and is shown stale. */
  staleAfterMs: z.number().optional(),
  forecast: forecastSchema.optional(),
  programs: z.array(programSchema).optional(),
  drift: driftSchema.optional(),
  seenAt: z.number().optional(),
});
export type NodeView = z.infer<typeof nodeViewSchema>;
