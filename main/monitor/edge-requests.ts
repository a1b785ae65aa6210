import type { NodeSpec } from '../../preload/contract/node.ts';
import { type EdgeLogLine, parseEdgeLogLine } from '../fleet/edge-log.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';

/** Bytes of the access log's end that are read: about 600 requests, more than any one pull makes. */
const tailBytes = 512 * 1024;

/** Envoy flushes its log four times a second and the clocks of a laptop and a server differ: so much earlier (ms) a line may still count. */
const slack = 2000;

/**
 * The latest requests at a node's edge, oldest first, begun after `since` (ms since 1970, by the *node's* clock as its log has it; pass 0
 * for all that the tail holds). One round trip. A log that does not exist yet is an empty one.
 */
export async function edgeRequests(
  host: Host,
  spec: Pick<NodeSpec, 'base'>,
  since: number,
): Promise<readonly EdgeLogLine[]> {
  const result = await host.run({
    argv: ['tail', '-c', String(tailBytes), nodeLayout(spec).accessLog],
    elevated: true,
    timeoutMs: 15_000,
  });
  if (result.code !== 0) return [];
  return result.stdout
    .split('\n')
    .flatMap((line) => parseEdgeLogLine(line) ?? [])
    .filter((line) => Date.parse(line.time) >= since - slack);
}
