import { isIP } from 'node:net';
import { type Upstream, upstreamOf } from './upstreams.ts';

/** Envoy's clusters for one upstream; their names are in statistics (`cluster.<name>.upstream_rq_total`) and in the access log. */
export interface EdgeClusters {
  /** What manifest requests go to: `first`, then `twin`, then `patient`. Retries and timeouts count here. */
  readonly manifest: string;
  /** What blob requests go to: `last`, then `twin`, then `patient`. */
  readonly blob: string;
  /** The mirror with outlier detection: `outlier_detection.ejections_active` is 1 while its upstream hangs. */
  readonly first: string;
  /** The offline twin; `upstream_rq_total` above 0 means that cached content was served in place of the mirror. */
  readonly twin: string;
  /** The way to `last` that waits for a mirror which is just starting again. */
  readonly patient: string;
  /** The mirror again, never ejected. */
  readonly last: string;
  /** The upstream itself, as the node's own address sees it. */
  readonly probe: string;
  /** The host that gives out the upstream's tokens. */
  readonly token: string;
  /** The mirror's own metrics. */
  readonly metrics: string;
}

/** An upstream's name inside Envoy, free of the dots that separate parts of a statistic: `registry.example:5000` → `registry_example__5000`. */
export function edgeName(upstream: string): string {
  return upstream.replace(':', '__').replaceAll('.', '_');
}

export function edgeClusters(upstream: string): EdgeClusters {
  const name = edgeName(upstream);
  return {
    manifest: `${name}_manifest`,
    blob: `${name}_blob`,
    first: `${name}_first`,
    twin: `${name}_twin`,
    patient: `${name}_patient`,
    last: `${name}_last`,
    probe: `${name}_probe`,
    token: `${name}_token`,
    metrics: `${name}_metrics`,
  };
}

/**
 * Paths behind the client certificate that lead to the upstream itself, through the node: the laptop sees the upstream's state and pull
 * quota as the node's address sees them. `path` is the upstream's own (`/v2/`, `/token?service=…`). GET and HEAD only, 10 s at most.
 */
export function upstreamProbePath(upstream: string, path: string): string {
  return `/.mirrorfleet/upstream/${upstream}${path}`;
}

/** Like {@link upstreamProbePath}, on the host that gives out the upstream's tokens. */
export function tokenProbePath(upstream: string, path: string): string {
  return `/.mirrorfleet/token/${upstream}${path}`;
}

/** Every answer of the edge carries its access-log `id`, and the version of the routes that made it. */
export const edgeIdHeader = 'x-edge-id';
export const edgeRevisionHeader = 'x-edge-rev';

/** The `version_text` that says which routes and server certificate are live, as `/stats?filter=…` finds them. */
export const routesVersionStat = 'http.https.rds.edge.version_text';
export const certificateVersionStat = 'sds.server_cert.version_text';
export const clientsVersionStat = 'sds.clients.version_text';
export const clustersVersionStat = 'cluster_manager.cds.version_text';
export const listenersVersionStat = 'listener_manager.lds.version_text';

/**
 * Host names of a node: its address first, then, where that is a name and not an IP address, one for each upstream that has a label
 * (`docker.mirror.example`). These are what its certificate must cover.
 */
export function edgeHostNames(address: string, upstreams: readonly string[]): readonly string[] {
  if (isIP(address) !== 0) return [address];
  const labels = upstreams.map((each) => upstreamOf(each).label).filter((label) => label !== undefined);
  return [...new Set([address, ...labels.map((label) => `${label}.${address}`)])];
}

/** Every name an upstream is known by: its id, its aliases, and the host its API lives at. */
export function namesOf(upstream: Upstream): readonly string[] {
  return [...new Set([upstream.id, ...upstream.aliases, new URL(upstream.registry).host])];
}

/** The header that holds the token of a node's metrics port; without it the port answers 404. */
export const metricsHeader = 'x-mirrorfleet-metrics';
