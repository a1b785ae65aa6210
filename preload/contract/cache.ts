import { z } from 'zod';
import { nodeNameSchema, upstreamIdSchema } from './node.ts';
import { sayingSchema } from './saying.ts';

/** One cached image: sizes in bytes, `exclusiveBytes` is what goes when only this image goes, `lastUse` in ms since 1970. */
export const cachedImageSchema = z.object({
  upstream: upstreamIdSchema,
  repository: z.string(),
  tag: z.string().optional(),
  digest: z.string(),
  bytes: z.number(),
  exclusiveBytes: z.number(),
  lastUse: z.number(),
  /** `linux/amd64` of those manifests that are cached. */
  platforms: z.array(z.string()).optional(),
  /** Never pruned: a pin names it. */
  pinned: z.boolean().optional(),
});
export type CachedImage = z.infer<typeof cachedImageSchema>;

export const cacheListSchema = z.object({
  node: nodeNameSchema,
  images: z.array(cachedImageSchema),
  bytes: z.number(),
  blobs: z.number(),
  /** Bytes on the disk that no cached image needs: half pulls, leftovers of deleted images. */
  leftoverBytes: z.number().optional(),
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

/** The rule that stands where nobody chose another: what was not used for 30 days. */
export const standardPrune = { kind: 'older-than', seconds: 30 * 86_400 } as const satisfies PrunePolicy;

/** A prune of one node. `graceSeconds` protects what was used so recently (an hour unless given): a running pull is never cut. */
export const pruneInputSchema = z.object({
  node: nodeNameSchema,
  policy: prunePolicySchema,
  graceSeconds: z.number().nonnegative().optional(),
});

/** The images a prune would remove and the bytes it would free, counted on the node now. `kept` says why some stay
 * (in use within the grace period); its `image` is the name of the one that it is about. */
export const prunePreviewSchema = z.object({
  node: nodeNameSchema,
  policy: prunePolicySchema,
  victims: z.array(cachedImageSchema),
  freedBytes: z.number(),
  blobs: z.number(),
  kept: z.array(sayingSchema),
});
export type PrunePreview = z.infer<typeof prunePreviewSchema>;

/** A pin: an image (`docker.io/library/nginx:alpine`) or all of a repository (`docker.io/library/nginx`). Kept on the node itself. */
export const pinSchema = z
  .string()
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]{1,400}$/, 'a pin is an image or a repository such as docker.io/library/nginx');
export type Pin = z.infer<typeof pinSchema>;

/**
 * What the node does by itself, daily at `at` (the node's own clock, `HH:MM`), without this computer: prune what was not used for
 * `unusedDays`, and the least recently used until at most `keepBytes` remain, or until the disk has `freePercent` of it free.
 */
export const scheduleSchema = z
  .object({
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 03:30'),
    unusedDays: z.int().min(1).max(3650).optional(),
    keepBytes: z.number().nonnegative().optional(),
    freePercent: z.int().min(1).max(90).optional(),
  })
  .refine(
    (schedule) =>
      schedule.unusedDays !== undefined || schedule.keepBytes !== undefined || schedule.freePercent !== undefined,
    'a schedule needs a rule: unused days, bytes to keep or percent to keep free',
  );
export type Schedule = z.infer<typeof scheduleSchema>;

/** The schedule as found on the node: by whom it is started, and how its last run ended. */
export const scheduleViewSchema = z.object({
  node: nodeNameSchema,
  schedule: scheduleSchema.optional(),
  by: z.enum(['systemd', 'cron']).optional(),
  script: z.string().optional(),
  lastRun: z.object({ at: z.number(), freedBytes: z.number(), images: z.number(), failed: z.boolean() }).optional(),
});
export type ScheduleView = z.infer<typeof scheduleViewSchema>;

/** What a container engine of this computer keeps for itself, in bytes. */
export const localStorageSchema = z.object({
  images: z.object({ count: z.number(), bytes: z.number(), reclaimableBytes: z.number() }),
  buildCacheBytes: z.number().optional(),
});
export type LocalStorage = z.infer<typeof localStorageSchema>;
