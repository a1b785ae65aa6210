import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { activityEntrySchema, activityInputSchema, activityPageSchema } from './activity.ts';
import {
  cacheListSchema,
  localStorageSchema,
  pinSchema,
  pruneInputSchema,
  prunePreviewSchema,
  scheduleSchema,
  scheduleViewSchema,
} from './cache.ts';
import { growthSchema, historyInputSchema, mirrorHistorySchema, pullSchema } from './history.ts';
import { changeSchema, snapshotSchema } from './live.ts';
import {
  imageSourceSchema,
  knownHostSchema,
  nodeDetailSchema,
  nodeNameSchema,
  nodeRequestSchema,
  planSchema,
  preflightSchema,
  upstreamIdSchema,
} from './node.ts';
import { problemSchema } from './problem.ts';
import { routeSchema, runtimeIdSchema, switchPreviewSchema } from './runtime.ts';
import { keepSettingsSchema, settingsSchema, watchSettingsSchema, vaultViewSchema } from './settings.ts';
import { taskSchema } from './task.ts';

/** Every expected failure crosses a border as this one typed error whose data is the Problem. */
const call = oc.errors({ PROBLEM: { data: problemSchema } });

/** What a person typed and a node needs; kept in the vault, never returned by any call. */
export const nodeSecretsSchema = z.object({
  password: z.string().optional(),
  passphrase: z.string().optional(),
  sudoPassword: z.string().optional(),
});
export type NodeSecrets = z.infer<typeof nodeSecretsSchema>;

/** The contract: every call of every door, on one page. */
export const contract = {
  live: {
    snapshot: call.output(snapshotSchema),
    /** The snapshot first, then every change, until the caller leaves. */
    watch: call.output(
      eventIterator(z.union([z.object({ kind: z.literal('snapshot'), snapshot: snapshotSchema }), changeSchema])),
    ),
    /** Probes every mirror and inspects every runtime now; answers when the results are in the snapshot. */
    refresh: call.output(snapshotSchema),
  },
  node: {
    /** The machines that this user's ssh configuration names, for a field that offers them. */
    hosts: call.output(z.array(knownHostSchema)),
    show: call.input(z.object({ name: nodeNameSchema })).output(nodeDetailSchema),
    /** Latencies and traffic of one mirror over a stretch of time. */
    history: call.input(historyInputSchema).output(mirrorHistorySchema),
    /** The last pulls through a node, or through one mirror of it, newest first. */
    pulls: call
      .input(
        z.object({
          name: nodeNameSchema,
          upstream: upstreamIdSchema.optional(),
          limit: z.int().min(1).max(500).default(50),
        }),
      )
      .output(z.array(pullSchema)),
    /** Adds a node after its preflight; `acceptHostKey` is the fingerprint the person confirmed, with jump hosts several, with commas. Adding again updates the spec. */
    add: call
      .input(
        z.object({
          spec: nodeRequestSchema,
          acceptHostKey: z.string().optional(),
          secrets: nodeSecretsSchema.optional(),
        }),
      )
      .output(preflightSchema),
    /** Gives a node's secrets to the vault, for example after `sudo-password-needed`. */
    unlock: call.input(z.object({ name: nodeNameSchema, secrets: nodeSecretsSchema })),
    preflight: call.input(z.object({ name: nodeNameSchema })).output(preflightSchema),
    plan: call.input(z.object({ name: nodeNameSchema, installEngine: z.boolean().default(false) })).output(planSchema),
    /** Applies the plan with this hash; a server that changed since then gives `plan-outdated`. Answers when the task ended. `breakLock` takes the node from whoever holds it. */
    apply: call
      .input(
        z.object({
          name: nodeNameSchema,
          hash: z.string(),
          installEngine: z.boolean().default(false),
          breakLock: z.boolean().default(false),
        }),
      )
      .output(taskSchema),
    remove: call
      .input(
        z.object({
          name: nodeNameSchema,
          keepCache: z.boolean().default(false),
          forget: z.boolean().default(false),
          breakLock: z.boolean().default(false),
        }),
      )
      .output(taskSchema),
  },
  runtime: {
    preview: call.input(z.object({ runtime: runtimeIdSchema, route: routeSchema })).output(switchPreviewSchema),
    /** Switches and proves; `sudoPassword` is used once for this computer's privileged helper and kept nowhere. */
    switch: call
      .input(z.object({ runtime: runtimeIdSchema, route: routeSchema, sudoPassword: z.string().optional() }))
      .output(taskSchema),
    /** Switches every engine that was found, each by itself: one that fails is taken back alone. One task for each, in their order. */
    switchAll: call
      .input(z.object({ route: routeSchema, sudoPassword: z.string().optional() }))
      .output(z.array(taskSchema)),
    /** Pulls again and looks for it at the edge, without changing anything. */
    prove: call.input(z.object({ runtime: runtimeIdSchema, sudoPassword: z.string().optional() })).output(taskSchema),
    /** What the engine keeps on this computer's own disk. */
    storage: call.input(z.object({ runtime: runtimeIdSchema })).output(localStorageSchema),
  },
  cache: {
    list: call.input(z.object({ node: nodeNameSchema })).output(cacheListSchema),
    preview: call.input(pruneInputSchema).output(prunePreviewSchema),
    prune: call.input(pruneInputSchema).output(taskSchema),
    /** Protects images from every prune, the node's own schedule included; answers with all pins of the node. */
    pin: call.input(z.object({ node: nodeNameSchema, pins: z.array(pinSchema).min(1) })).output(z.array(pinSchema)),
    unpin: call.input(z.object({ node: nodeNameSchema, pins: z.array(pinSchema).min(1) })).output(z.array(pinSchema)),
    pins: call.input(z.object({ node: nodeNameSchema })).output(z.array(pinSchema)),
    schedule: call.input(z.object({ node: nodeNameSchema })).output(scheduleViewSchema),
    /** Puts the schedule on the node, or takes it off where none is given. */
    setSchedule: call.input(z.object({ node: nodeNameSchema, schedule: scheduleSchema.optional() })).output(taskSchema),
    /** Reads every file of the cache and compares it with its digest; `repair` removes what is damaged, so that it is fetched again. */
    scrub: call.input(z.object({ node: nodeNameSchema, repair: z.boolean().default(false) })).output(taskSchema),
    growth: call
      .input(z.object({ node: nodeNameSchema, from: z.number().nonnegative(), to: z.number().positive() }))
      .output(growthSchema),
  },
  task: {
    cancel: call.input(z.object({ id: z.string() })),
  },
  activity: {
    list: call.input(activityInputSchema).output(activityPageSchema),
    /** One entry; its id may be shortened as long as it is the only one that begins so. */
    show: call.input(z.object({ id: z.string() })).output(activityEntrySchema),
    /** Takes an entry back where that is exact. `undo-not-exact` or `undo-outdated` otherwise; nothing is changed then. */
    undo: call.input(z.object({ id: z.string(), sudoPassword: z.string().optional() })).output(taskSchema),
    /** Goes on with a task that was interrupted or failed. */
    resume: call.input(z.object({ id: z.string(), sudoPassword: z.string().optional() })).output(taskSchema),
  },
  settings: {
    get: call.output(settingsSchema),
    setImage: call
      .input(z.object({ image: z.enum(['registry', 'envoy']), source: imageSourceSchema }))
      .output(settingsSchema),
    setWatch: call.input(watchSettingsSchema).output(settingsSchema),
    setKeep: call.input(keepSettingsSchema).output(settingsSchema),
    /** Chooses where the vault's key lives; `passphrase` is given where that is the choice. */
    chooseVault: call
      .input(z.object({ vault: z.enum(['keychain', 'passphrase', 'key-file']), passphrase: z.string().optional() }))
      .output(settingsSchema),
    openVault: call.input(z.object({ passphrase: z.string() })),
    vault: call.output(vaultViewSchema),
  },
};
