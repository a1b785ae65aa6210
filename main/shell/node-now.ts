import type { Snapshot } from '../../preload/contract/live.ts';
import { known, median, nodeLatency } from '../../preload/contract/node-latency.ts';
import { isStale } from '../../preload/contract/stale.ts';
import type { MirrorState, NodeView } from '../../preload/contract/status.ts';

/** A node as it may be called now: what is too old to say anything about now is `unknown` and has no figure. */
export interface NodeNow {
  readonly name: string;
  readonly state: MirrorState;
  /** As the Fleet page's PULL p50, in ms; undefined where nothing comes through the node. */
  readonly ms: number | undefined;
  /** When it was last measured, in ms since 1970. */
  readonly seenAt: number | undefined;
}

/** Medians by view: a view is never changed, and news of one node leaves those of the others as they are. */
const latencies = new WeakMap<NodeView, number | undefined>();

function latencyOf(node: NodeView): number | undefined {
  if (!latencies.has(node)) latencies.set(node, nodeLatency(node));
  return latencies.get(node);
}

/** The nodes that pulls can go through, in the order of the snapshot. `connected`: the core is there and keeps the snapshot true. Pure. */
export function nodesNow(nodes: readonly NodeView[], connected: boolean, now: number): NodeNow[] {
  return nodes
    .filter(({ applied }) => applied)
    .map((node) => {
      const { name, seenAt, staleAfterMs } = node;
      const state = isStale({ connected, at: seenAt, staleAfterMs, now }) ? 'unknown' : node.state;
      const answers = state === 'up' || state === 'slow' || state === 'degraded';
      return { name, state, ms: answers ? latencyOf(node) : undefined, seenAt };
    });
}

/** Upstreams are asked directly far less often than nodes are; a figure older than this says nothing about now, in ms. */
const directStaleAfterMs = 15 * 60_000;

/** How fast the upstreams themselves answer this computer, in ms: the median of those that were asked lately. Pure. */
export function directLatency(snapshot: Pick<Snapshot, 'nodes'>, connected: boolean, now: number): number | undefined {
  // Each upstream is asked once, however many nodes mirror it.
  const byUpstream = new Map<string, number>();
  for (const { upstream, direct, directBecause } of snapshot.nodes.flatMap(({ mirrors }) => mirrors)) {
    const stale = isStale({ connected, at: direct?.at, staleAfterMs: directStaleAfterMs, now });
    if (direct?.manifestMs !== undefined && !stale && directBecause === undefined)
      byUpstream.set(upstream, direct.manifestMs);
  }
  return median(known([...byUpstream.values()]));
}
