import { z } from 'zod';
import { nodeSpecSchema } from '../../preload/contract/node.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * An image as a node runs it. `identity` is what the Compose file names: `repository:tag@sha256:…` where a registry vouched for it, else
 * the engine's own id. `tags` came to the server with it; `ours` says that we brought it, so that removing the node removes it.
 */
export const imageRecordSchema = z.object({
  reference: z.string(),
  identity: z.string().regex(/^[A-Za-z0-9:@/._-]{1,300}$/),
  id: z.string(),
  tags: z.array(z.string()),
  ours: z.boolean(),
});
export type ImageRecord = z.infer<typeof imageRecordSchema>;

/**
 * What a finished apply leaves on the node, written last: who, when, with what. `files` are the hashes of what was written, `services`
 * the hash of all that a container was started with, so that a half-done apply is seen as such.
 */
export const nodeStateSchema = z.object({
  format: z.literal(1),
  app: z.string(),
  by: z.string(),
  at: z.string(),
  spec: nodeSpecSchema,
  images: z.object({ registry: imageRecordSchema, envoy: imageRecordSchema }),
  files: z.record(z.string(), hash),
  services: z.record(z.string(), hash),
});
export type NodeState = z.infer<typeof nodeStateSchema>;

/** The text of state.json: two-space JSON, one value a line, because the observing script picks the identities out of it. */
export function printNodeState(state: NodeState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

/** The state a text holds; undefined where it is not one of ours (damaged, or of a later format). */
export function parseNodeState(text: string): NodeState | undefined {
  try {
    const parsed = nodeStateSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
