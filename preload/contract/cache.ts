import { z } from 'zod';
import { nodeNameSchema, upstreamIdSchema } from './node.ts';

/** One cached image: sizes in bytes, `exclusiveBytes` is what goes when only this image goes, `lastUse` in ms since 1970. */
export const cachedImageSchema = z.object({
  upstream: upstreamIdSchema,
  repository: z.string(),
  tag: z.string().optional(),
  digest: z.string(),
  bytes: z.number(),
  exclusiveBytes: z.number(),
  lastUse: z.number(),
});
export type CachedImage = z.infer<typeof cachedImageSchema>;

export const cacheListSchema = z.object({
  node: nodeNameSchema,
  images: z.array(cachedImageSchema),
  bytes: z.number(),
  blobs: z.number(),
});
export type CacheList = z.infer<typeof cacheListSchema>;

/** What to prune: everything, what was not used for so long, the least recently used until the cache fits, or named images (`docker.io/library/nginx:alpine`). */
export const prunePolicySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('older-than'), seconds: z.number().nonnegative() }),
  z.object({ kind: z.literal('to-size'), bytes: z.number().nonnegative() }),
  z.object({ kind: z.literal('images'), images: z.array(z.string()).min(1) }),
]);
export type PrunePolicy = z.infer<typeof prunePolicySchema>;

/** A prune of one node. `graceSeconds` protects what was used so recently (an hour unless given): a running pull is never cut. */
export const pruneInputSchema = z.object({
  node: nodeNameSchema,
  policy: prunePolicySchema,
  graceSeconds: z.number().nonnegative().optional(),
});

/** The images a prune would remove and the bytes it would free, counted on the node now. `kept` says why some stay (in use within the grace period). */
export const prunePreviewSchema = z.object({
  node: nodeNameSchema,
  policy: prunePolicySchema,
  victims: z.array(cachedImageSchema),
  freedBytes: z.number(),
  blobs: z.number(),
  kept: z.array(z.string()),
});
export type PrunePreview = z.infer<typeof prunePreviewSchema>;
