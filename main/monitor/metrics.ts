import { edgeClusters } from '../fleet/edge-names.ts';
import { storageName } from '../fleet/node-layout.ts';
import type { Counter, CounterName } from '../store/history.ts';
import { type MetricSample, parsePrometheus, sumOf } from './prometheus.ts';

/** GET of a path on the node's loopback metrics port; undefined where nothing (or not a 200) answers. Bounded in time and bytes by its maker. */
export type AskMetrics = (path: string) => Promise<string | undefined>;

/** What the edge says of one mirror: whether its process is well, requests the offline twin served for it, how often it was set aside for hanging. */
export interface EdgeFigures {
  readonly processAnswers?: boolean;
  readonly offlineRequests: number;
  readonly ejections: number;
}

/** What a mirror's program has counted since it started, at `startedAt` (ms since 1970) where it says so. */
export interface MirrorMetrics {
  readonly counted: ReadonlyMap<CounterName, number>;
  readonly startedAt?: number;
}

/** What the node's programs count, by upstream. A program that did not answer is missing. */
export interface NodeMetrics {
  readonly counters: ReadonlyMap<string, MirrorMetrics>;
  readonly edge: ReadonlyMap<string, EdgeFigures>;
}

/** Envoy matches the filter on its own dotted names; without it the answer is some hundred kilobytes. */
const edgePath = `/stats/prometheus?filter=${encodeURIComponent(
  '(_last\\.membership_healthy|_twin\\.upstream_rq_total|ejections_enforced_total)$',
)}`;

const registryCounters: Readonly<Record<CounterName, string>> = {
  hits: 'registry_proxy_hits_total',
  misses: 'registry_proxy_misses_total',
  pulledBytes: 'registry_proxy_pulled_bytes_total',
  pushedBytes: 'registry_proxy_pushed_bytes_total',
};
const startSeconds = 'process_start_time_seconds';
const registryNames = [...Object.values(registryCounters), startSeconds];

/** Reads every mirror's counters and the edge's figures, all at once; a program that does not answer is left out. */
export async function readMetrics(ask: AskMetrics, upstreams: readonly string[]): Promise<NodeMetrics> {
  const counters = new Map<string, MirrorMetrics>();
  const mirrors = upstreams.map(async (upstream) => {
    const text = await ask(`/registry/${storageName(upstream)}/metrics`);
    if (text !== undefined) counters.set(upstream, mirrorMetrics([...parsePrometheus(text, registryNames)]));
  });
  const [edge] = await Promise.all([ask(edgePath), ...mirrors]);
  const samples = edge === undefined ? [] : [...parsePrometheus(edge)];
  return { counters, edge: edgeFigures(samples, upstreams) };
}

/** A counter that has not counted yet is not printed by the registry and stands at 0. What is no count (`NaN`, `+Inf`) was not read: a total never gets rid of it. */
function mirrorMetrics(samples: readonly MetricSample[]): MirrorMetrics {
  const names = Object.keys(registryCounters) as CounterName[];
  const counts = names.map((name) => [name, sumOf(samples, registryCounters[name]) ?? 0] as const);
  const seconds = sumOf(samples, startSeconds);
  return {
    counted: new Map(counts.filter(([, count]) => Number.isFinite(count))),
    ...(seconds !== undefined && seconds > 0 && Number.isFinite(seconds) && { startedAt: Math.round(seconds * 1000) }),
  };
}

function edgeFigures(samples: readonly MetricSample[], upstreams: readonly string[]): ReadonlyMap<string, EdgeFigures> {
  if (samples.length === 0) return new Map();
  const of = (metric: string, cluster: string) => sumOf(samples, metric, { envoy_cluster_name: cluster });
  return new Map(
    upstreams.map((upstream) => {
      const clusters = edgeClusters(upstream);
      // Not of `first`, from which a mirror is also taken for a hanging upstream.
      const healthy = of('envoy_cluster_membership_healthy', clusters.last);
      return [
        upstream,
        {
          ...(healthy !== undefined && { processAnswers: healthy > 0 }),
          offlineRequests: of('envoy_cluster_upstream_rq_total', clusters.twin) ?? 0,
          ejections: of('envoy_cluster_outlier_detection_ejections_enforced_total', clusters.first) ?? 0,
        },
      ];
    }),
  );
}

/** One program's start is told the same to within this, in ms: it is worked out anew from the machine's clock at each reading. */
const sameStartMs = 2_000;

/**
 * A counter after a new reading. Programs count from 0 again when they restart, so a figure of another run, or below the last one, is all
 * new; the total never falls. What was counted between the last reading and a restart is lost with the program. `own` is how much of the
 * growth is our own probes', which are nobody's pulls; `ownLeft` of it was not in this reading yet, or was in the one before, and is taken
 * off later. Pure.
 */
export function countOn(
  last: Pick<Counter, 'raw' | 'total' | 'startedAt'> | undefined,
  reading: Pick<Counter, 'raw' | 'startedAt'>,
  own = 0,
): Pick<Counter, 'raw' | 'total'> & { readonly ownLeft: number } {
  const { raw, startedAt } = reading;
  const before = last?.raw ?? 0;
  const restarted =
    raw < before ||
    (startedAt !== undefined && last?.startedAt !== undefined && Math.abs(startedAt - last.startedAt) > sameStartMs);
  const grown = restarted ? raw : raw - before;
  const total = (last?.total ?? 0) + Math.max(0, grown - own);
  return { raw, total, ownLeft: Math.max(0, own - grown) };
}
