import { storageName } from '../fleet/upstreams.ts';
import type { Counter, CounterName } from '../store/history.ts';
import { type MetricSample, parsePrometheus, sumOf } from './prometheus.ts';

/** GET of a path on the node's loopback metrics port; undefined where nothing (or not a 200) answers. Bounded in time and bytes by its maker. */
export type AskMetrics = (path: string) => Promise<string | undefined>;

/** What the node's programs count. `offlineRequests` were served by the offline twin, `ejections` are how often a hanging mirror was set aside. */
export interface NodeMetrics {
  readonly counters: ReadonlyMap<string, ReadonlyMap<CounterName, number>>;
  readonly certificateDays?: number;
  readonly offlineRequests?: number;
  readonly ejections?: number;
}

/** Envoy matches the filter on its own dotted names; without it the answer is some hundred kilobytes. */
const edgePath = `/stats/prometheus?filter=${encodeURIComponent(
  '(days_until_first_cert_expiring|twin\\.upstream_rq_total|outlier_detection\\.ejections_enforced_total)$',
)}`;

/** Envoy shows a huge number where no certificate is loaded. */
const certificateDaysLimit = 100_000;

const registryCounters: Readonly<Record<CounterName, string>> = {
  hits: 'registry_proxy_hits_total',
  misses: 'registry_proxy_misses_total',
  pulledBytes: 'registry_proxy_pulled_bytes_total',
  pushedBytes: 'registry_proxy_pushed_bytes_total',
};

/** Reads every mirror's counters and the edge's figures, all at once; a program that does not answer is left out. */
export async function readMetrics(ask: AskMetrics, upstreams: readonly string[]): Promise<NodeMetrics> {
  const counters = new Map<string, ReadonlyMap<CounterName, number>>();
  const mirrors = upstreams.map(async (upstream) => {
    const text = await ask(`/registry/${storageName(upstream)}/metrics`);
    if (text !== undefined) counters.set(upstream, mirrorCounters([...parsePrometheus(text)]));
  });
  const [edge] = await Promise.all([ask(edgePath), ...mirrors]);
  return { counters, ...(edge !== undefined && edgeFigures([...parsePrometheus(edge)])) };
}

/** A counter that has not counted yet is not printed by the registry and stands at 0. */
function mirrorCounters(samples: readonly MetricSample[]): ReadonlyMap<CounterName, number> {
  const names = Object.keys(registryCounters) as CounterName[];
  return new Map(names.map((name) => [name, sumOf(samples, registryCounters[name]) ?? 0]));
}

function edgeFigures(samples: readonly MetricSample[]): Omit<NodeMetrics, 'counters'> {
  const days = sumOf(samples, 'envoy_server_days_until_first_cert_expiring');
  const ejections = sumOf(samples, 'envoy_cluster_outlier_detection_ejections_enforced_total');
  const twins = samples.filter(
    ({ name, labels }) =>
      name === 'envoy_cluster_upstream_rq_total' && labels.get('envoy_cluster_name')?.endsWith('twin'),
  );
  return {
    ...(days !== undefined && days < certificateDaysLimit && { certificateDays: days }),
    ...(ejections !== undefined && { ejections }),
    ...(twins.length > 0 && { offlineRequests: twins.reduce((sum, { value }) => sum + value, 0) }),
  };
}

/**
 * A counter after a new reading. Programs count from 0 again when they restart, so a figure below the last one is all new; the total
 * never falls. Pure.
 */
export function countOn(
  last: Pick<Counter, 'raw' | 'total'> | undefined,
  raw: number,
): Pick<Counter, 'raw' | 'total'> {
  const before = last?.raw ?? 0;
  return { raw, total: (last?.total ?? 0) + (raw >= before ? raw - before : raw) };
}
