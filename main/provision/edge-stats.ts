import { ProblemError } from '../../preload/contract/problem.ts';
import type { Host } from '../hosts/host.ts';
import { openHttp } from '../hosts/http-over-host.ts';

/**
 * What the running edge says of its configuration: the `version_info` it accepted last for clusters, listeners, each route table and all
 * secrets, and how often it refused one since it started.
 */
export interface EdgeVersions {
  readonly cds?: string;
  readonly lds?: string;
  readonly routes: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly refusals: number;
}

/** The versions in Envoy's Prometheus text (asked with `text_readouts`), of which each line is `name{labels} value`. */
export function parseEdgeStats(text: string): EdgeVersions {
  const versions: { cds?: string; lds?: string } = {};
  const routes: Record<string, string> = {};
  const secrets: string[] = [];
  let refusals = 0;
  for (const line of text.split('\n')) {
    const name = /^envoy_(\w+)/.exec(line)?.[1];
    if (name === undefined) continue;
    const value = /text_value="([^"]*)"/.exec(line)?.[1] ?? '';
    if (name === 'cluster_manager_cds_version_text') versions.cds = value;
    else if (name === 'listener_manager_lds_version_text') versions.lds = value;
    else if (name === 'http_rds_version_text') routes[/envoy_rds_route_config="([^"]*)"/.exec(line)?.[1] ?? ''] = value;
    else if (/^sds_(?:\w+_)?version_text$/.test(name)) secrets.push(value);
    else if (/_update_(rejected|failure)$/.test(name)) refusals += Number(/ (\d+)$/.exec(line)?.[1] ?? 0);
  }
  return { ...versions, routes, secrets: secrets.toSorted(), refusals };
}

/** The statistics by which a push is judged; version texts are left out of Prometheus' form unless asked for. */
const statsPath = `/stats/prometheus?text_readouts&filter=${encodeURIComponent('version_text|update_rejected|update_failure')}`;

/**
 * Asks the edge through its metrics port on that machine's loopback. Undefined when nothing answers there within `timeoutMs` (no edge,
 * or a server that allows no forwarding): the caller then trusts the files.
 */
export async function askEdge(
  host: Pick<Host, 'connect' | 'name'>,
  port: number,
  timeoutMs = 5000,
): Promise<EdgeVersions | undefined> {
  try {
    const { status, body } = await openHttp(host, port, statsPath, timeoutMs);
    return status === 200 ? parseEdgeStats(body) : undefined;
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

const healthPath = `/stats/prometheus?filter=${encodeURIComponent('membership_healthy')}`;

/** The clusters of the edge that have a healthy member, by Envoy's names; undefined when the edge does not answer. */
export async function healthyClusters(
  host: Pick<Host, 'connect' | 'name'>,
  port: number,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const { status, body } = await openHttp(host, port, healthPath, 5000);
    if (status !== 200) return undefined;
    const lines = body.matchAll(/^envoy_cluster_membership_healthy\{envoy_cluster_name="([^"]+)"\} ([1-9]\d*)$/gm);
    return new Set([...lines].flatMap(([, name]) => name ?? []));
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}
