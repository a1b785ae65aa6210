import { z } from 'zod';
import { nodeNameSchema } from './node.ts';
import { problemSchema } from './problem.ts';
import { sayingSchema } from './saying.ts';

export const runtimeIdSchema = z.enum(['docker', 'containerd', 'podman']);
export type RuntimeId = z.infer<typeof runtimeIdSchema>;

/** The ordered list of nodes a runtime pulls through; empty is "direct". */
export const routeSchema = z.array(nodeNameSchema);
export type Route = z.infer<typeof routeSchema>;

/**
 * Evidence that a pull used a mirror: the edge of `node` logged a request of this pull under this computer's certificate.
 * `requestId` is the edge's own id of that request, `image` what was pulled, `at` in ms since 1970.
 */
export const proofSchema = z.object({
  at: z.number(),
  node: nodeNameSchema,
  image: z.string(),
  requestId: z.string(),
  certificate: z.string(),
  requests: z.number(),
});
export type Proof = z.infer<typeof proofSchema>;

/** A container engine on this computer as found. `route` is undefined where its mirrors are not ours, or not known (then there are none). */
export const runtimeViewSchema = z.object({
  id: runtimeIdSchema,
  engine: z.string(),
  state: z.enum(['found', 'absent', 'needs-permission', 'stopped']),
  version: z.string().optional(),
  store: z.enum(['classic', 'containerd']).optional(),
  file: z.string().optional(),
  route: routeSchema.optional(),
  mirrors: z.array(z.string()),
  proof: proofSchema.optional(),
  /** What this engine can and cannot mirror, in the version and the setup that were found. */
  abilities: z.array(sayingSchema).optional(),
  problem: problemSchema.optional(),
});
export type RuntimeView = z.infer<typeof runtimeViewSchema>;

/** One file a switch writes or deletes, with its unified diff. Private keys are shown by fingerprint only. */
export const fileChangeSchema = z.object({
  path: z.string(),
  action: z.enum(['create', 'change', 'delete']),
  /** Empty where it is not shown (a secret, a file that is no text); `because` then says what is changed about it. */
  diff: z.string(),
  because: sayingSchema.optional(),
});
export type FileChange = z.infer<typeof fileChangeSchema>;

/** What a switch would do, said before it happens. `activation` names the reload; `restarts` what would restart (normally nothing). */
export const switchPreviewSchema = z.object({
  runtime: runtimeIdSchema,
  route: routeSchema,
  changes: z.array(fileChangeSchema),
  activation: sayingSchema,
  restarts: z.array(z.string()),
  warnings: z.array(problemSchema),
  needsPrivilege: z.boolean(),
  nothingToDo: z.boolean(),
});
export type SwitchPreview = z.infer<typeof switchPreviewSchema>;
