import { z } from 'zod';
import { problemSchema } from './problem.ts';
import { sayingSchema } from './saying.ts';

/** A node's name is its identity: short, lower case, usable as a file name, a task subject and a word on the command line. */
export const nodeNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'a node name is 1 to 31 of a-z, 0-9 and "-", beginning with a letter');

/** An upstream's name is what stands before the first slash of an image reference: `docker.io`, `ghcr.io`, `registry.example:5000`. */
export const upstreamIdSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, 'an upstream is a registry host name such as ghcr.io');

/** How to reach a machine by SSH. `destination` is what one would type after `ssh`; `ssh -G` resolves the rest. */
export const sshTargetSchema = z.object({
  destination: z.string().min(1),
  port: z.int().min(1).max(65535).optional(),
  identityFile: z.string().optional(),
  jump: z.string().optional(),
});
export type SshTarget = z.infer<typeof sshTargetSchema>;

/** Which container image a node runs, and a local archive (`docker save` form) to upload where the node cannot pull. */
export const imageSourceSchema = z.object({ reference: z.string().min(1), archive: z.string().optional() });
export type ImageSource = z.infer<typeof imageSourceSchema>;

/** What a node should be. `address` and `port` are what clients connect to; `base` is the node's folder on the machine. */
export const nodeSpecSchema = z.object({
  name: nodeNameSchema,
  kind: z.literal('ssh'),
  target: sshTargetSchema,
  upstreams: z.array(upstreamIdSchema).min(1),
  address: z.string().min(1),
  port: z.int().min(1).max(65535),
  base: z.string().startsWith('/').optional(),
});
export type NodeSpec = z.infer<typeof nodeSpecSchema>;

/** A node as a person asks for it: without an address, clients connect to the host name that SSH resolves the destination to. */
export const nodeRequestSchema = nodeSpecSchema.partial({ address: true });
export type NodeRequest = z.infer<typeof nodeRequestSchema>;

/** One line of the preflight: a fact about the machine, whether it will do, and the way out if it will not. */
export const preflightCheckSchema = z.object({
  id: z.string(),
  label: z.string(),
  state: z.enum(['ok', 'warning', 'failed']),
  found: z.string(),
  /** What was found as data, for every language; without it `found` needs no translation (`Debian 12, x86_64`). */
  saying: sayingSchema.optional(),
  problem: problemSchema.optional(),
});
export type PreflightCheck = z.infer<typeof preflightCheckSchema>;
export const preflightSchema = z.object({ node: nodeNameSchema, checks: z.array(preflightCheckSchema) });
export type Preflight = z.infer<typeof preflightSchema>;

export const stepActionSchema = z.enum([
  'create',
  'change',
  'remove',
  'upload',
  'pull',
  'install',
  'start',
  'restart',
  'reload',
  'stop',
  'verify',
]);

/**
 * One change of a plan. `because` says why it is needed; `diff` is a unified diff where the resource is a text file; `interrupts` says
 * that running pulls may be cut by it.
 */
export const planStepSchema = z.object({
  id: z.string(),
  resource: z.string(),
  action: stepActionSchema,
  because: sayingSchema,
  diff: z.string().optional(),
  bytes: z.number().optional(),
  interrupts: z.boolean(),
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** The printed list of changes. An empty list is "nothing to do". `roundTrips` is what observing took. */
export const planSchema = z.object({
  node: nodeNameSchema,
  hash: z.string(),
  steps: z.array(planStepSchema),
  warnings: z.array(problemSchema),
  roundTrips: z.number(),
});
export type Plan = z.infer<typeof planSchema>;

/** What a server shows of itself before anyone trusts it: key type and SHA256 fingerprint as `ssh-keygen -l` prints it. */
export const hostKeySchema = z.object({ host: z.string(), type: z.string(), fingerprint: z.string() });
export type HostKey = z.infer<typeof hostKeySchema>;

/** A machine that this user's ssh configuration names: what is typed after `ssh`, and what that comes to. */
export const knownHostSchema = z.object({
  alias: z.string(),
  hostName: z.string().optional(),
  user: z.string().optional(),
  port: z.number().optional(),
});
export type KnownHost = z.infer<typeof knownHostSchema>;

/** A node as it was asked for and as it was made: for its page and for adding it again with a change. */
export const nodeDetailSchema = z.object({
  spec: nodeSpecSchema,
  appliedAt: z.number().optional(),
  /** What to type in a terminal to be on that machine. */
  shell: z.string(),
  /** The images that run, pinned by digest, where it was applied. */
  images: z.object({ registry: z.string().optional(), envoy: z.string().optional() }),
  /** Who may pull: the names in the client certificates of this fleet that we made. */
  access: z.array(z.object({ name: z.string(), notAfter: z.number() })),
});
export type NodeDetail = z.infer<typeof nodeDetailSchema>;
