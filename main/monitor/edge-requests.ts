import type { Pull } from '../../preload/contract/history.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { type EdgeLogLine, parseEdgeLogLine } from '../fleet/edge-log.ts';
import { edgeService, nodeLayout } from '../fleet/node-layout.ts';
import { foldPulls } from '../fleet/pulls.ts';
import type { Host } from '../hosts/host.ts';
import { probeAgent } from './probe.ts';

/** Lines of the access log's end that are read, more than any one pull makes. */
const tailLines = 1000;

/** Envoy flushes its log four times a second and the clocks of a laptop and a server differ: so much earlier (ms) a line may still count. */
const slack = 2000;

/** The edge's standard output is its access log; arguments: Compose project, service, lines. */
const script = `id=$(docker ps -aq --filter "label=com.docker.compose.project=$1" --filter "label=com.docker.compose.service=$2" | head -n 1)
[ -z "$id" ] || exec docker logs --tail "$3" "$id" 2>/dev/null`;

/**
 * The latest requests at a node's edge, oldest first, begun after `since` (ms since 1970, by the *node's* clock as its log has it; pass 0
 * for all that the tail holds). One round trip. A node without an edge has had no requests.
 */
export async function edgeRequests(
  host: Host,
  spec: Pick<NodeSpec, 'base'>,
  since: number,
): Promise<readonly EdgeLogLine[]> {
  const result = await host.run({
    argv: ['sh', '-c', script, 'sh', nodeLayout(spec).project, edgeService, String(tailLines)],
    elevated: true,
    timeoutMs: 15_000,
  });
  return result.stdout
    .split('\n')
    .flatMap((line) => parseEdgeLogLine(line) ?? [])
    .filter((line) => Date.parse(line.time) >= since - slack);
}

/** Our own probes would fill the tail of the log: they are left out on the node. Arguments as above, then our agent's name as the log has it. */
const pullsScript = `id=$(docker ps -aq --filter "label=com.docker.compose.project=$1" --filter "label=com.docker.compose.service=$2" | head -n 1)
[ -z "$id" ] || docker logs "$id" 2>/dev/null | grep -vF "$4" | tail -n "$3"`;

/** A pull is a handful of requests; a line has about 800 bytes. */
const linesPerPull = 30;
const mostLines = 6000;

/** The last pulls through a node, newest first, or through one of its mirrors. One round trip. Throws what {@link Host.run} throws. */
export async function edgePulls(
  host: Host,
  spec: Pick<NodeSpec, 'base'>,
  wanted: { readonly upstream?: string | undefined; readonly limit: number },
): Promise<Pull[]> {
  const lines = Math.min(wanted.limit * linesPerPull, mostLines);
  const result = await host.run({
    argv: [
      'sh',
      '-c',
      pullsScript,
      'sh',
      nodeLayout(spec).project,
      edgeService,
      String(lines),
      `"agent":"${probeAgent}"`,
    ],
    elevated: true,
    timeoutMs: 30_000,
  });
  const found = result.stdout.split('\n').flatMap((line) => parseEdgeLogLine(line) ?? []);
  const ours = found.filter(({ upstream }) => wanted.upstream === undefined || upstream === wanted.upstream);
  return foldPulls(ours).slice(0, wanted.limit);
}
