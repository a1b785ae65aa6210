import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { cacheListSchema, pruneInputSchema, prunePreviewSchema } from './cache.ts';
import { changeSchema, snapshotSchema } from './live.ts';
import { imageSourceSchema, nodeNameSchema, nodeRequestSchema, planSchema, preflightSchema } from './node.ts';
import { problemSchema } from './problem.ts';
import { routeSchema, runtimeIdSchema, switchPreviewSchema } from './runtime.ts';
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

export const settingsSchema = z.object({
  images: z.object({ registry: imageSourceSchema, envoy: imageSourceSchema }),
  vault: z.enum(['undecided', 'keychain', 'passphrase', 'key-file']),
});
export type Settings = z.infer<typeof settingsSchema>;

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
  },
  cache: {
    list: call.input(z.object({ node: nodeNameSchema })).output(cacheListSchema),
    preview: call.input(pruneInputSchema).output(prunePreviewSchema),
    prune: call.input(pruneInputSchema).output(taskSchema),
  },
  task: {
    cancel: call.input(z.object({ id: z.string() })),
  },
  settings: {
    get: call.output(settingsSchema),
    setImage: call
      .input(z.object({ image: z.enum(['registry', 'envoy']), source: imageSourceSchema }))
      .output(settingsSchema),
    /** Chooses where the vault's key lives; `passphrase` is given where that is the choice. */
    chooseVault: call
      .input(z.object({ vault: z.enum(['keychain', 'passphrase', 'key-file']), passphrase: z.string().optional() }))
      .output(settingsSchema),
    openVault: call.input(z.object({ passphrase: z.string() })),
  },
};
