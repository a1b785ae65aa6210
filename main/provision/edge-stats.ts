import { ProblemError } from '../../preload/contract/problem.ts';
import { shownName } from '../fleet/control-characters.ts';
import { metricsHeader } from '../fleet/edge-names.ts';
import type { Host } from '../hosts/host.ts';
import { openHttp } from '../hosts/http-over-host.ts';
import type { Secret } from '../log/secret.ts';

/** Where an edge is asked for its figures: a port on its machine's loopback, and what it answers to. */
export interface MetricsPort {
  readonly port: number;
  readonly token: Secret;
}

/**
 * What the running edge says of its configuration: the `version_info` it accepted last for clusters, listeners, each route table and all
 * secrets, and how often it refused one since it started. A cluster whose host name could not be looked up counts as an "update failure" in
 * Envoy's statistics too, but is no refusal of ours.
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
    const value = shownName(/text_value="([^"]*)"/.exec(line)?.[1] ?? '');
    if (name === 'cluster_manager_cds_version_text') versions.cds = value;
    else if (name === 'listener_manager_lds_version_text') versions.lds = value;
    else if (name === 'http_rds_version_text') routes[/envoy_rds_route_config="([^"]*)"/.exec(line)?.[1] ?? ''] = value;
    else if (/^sds_(?:\w+_)?version_text$/.test(name)) secrets.push(value);
    else if (name === 'cluster_update_failure') continue;
    else if (/_update_(rejected|failure)$/.test(name)) refusals += Number(/ (\d+)$/.exec(line)?.[1] ?? 0);
  }
  return { ...versions, routes, secrets: secrets.toSorted(), refusals };
}

/** The statistics by which a push is judged; version texts are left out of Prometheus' form unless asked for. */
const statsPath = `/stats/prometheus?text_readouts&filter=${encodeURIComponent('version_text|update_rejected|update_failure')}`;

/**
 * Where sshd forwards nothing, the server asks itself with the first tool it has that takes the header from standard input: in a
 * command line everybody there could read it. Arguments: port, path. Input: one line, the header.
 */
const askScript = String.raw`if command -v curl >/dev/null 2>&1; then
  IFS= read -r header
  printf 'header = "%s"\n' "$header" | curl -sf -m 5 -K - "http://127.0.0.1:$1$2"
  exit
elif command -v bash >/dev/null 2>&1; then
  # Envoy speaks no HTTP/1.0, so the answer may come in chunks: a line with the length in hex, the bytes, an empty line.
  exec bash --norc -c 'LC_ALL=C; IFS= read -r header && exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf "GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n%s\r\n\r\n" "$2" "$header" >&3
    IFS= read -r status <&3; case $status in *" 200 "*) ;; *) exit 22 ;; esac
    chunked=
    while read -r line <&3 && [ "${'$'}{#line}" -gt 1 ]; do case $line in *chunked*) chunked=1 ;; esac; done
    [ -n "$chunked" ] || exec cat <&3
    while read -r size <&3 && size=$((16#${'$'}{size%%[!0-9a-f]*})) && [ "$size" -gt 0 ]; do
      IFS= read -r -N "$size" bytes <&3; printf %s "$bytes"; read -r end <&3
    done' bash "$1" "$2"
fi
exit 1`;

/** One GET to a port on that machine's loopback. Undefined when nothing answers there. */
async function getOverThere(
  host: Host,
  { port, token }: MetricsPort,
  path: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const { status, body } = await openHttp(host, port, path, timeoutMs, { [metricsHeader]: token.reveal() });
    return status === 200 ? body : undefined;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, detail } = error.problem;
    // sshd says "Connection refused" for a closed port, and "open failed" where it may not forward at all.
    if (code !== 'port-forward-refused' || /refused/i.test(detail?.['cause'] ?? '')) return undefined;
  }
  const result = await host.run({
    argv: ['sh', '-c', askScript, 'sh', String(port), path],
    input: `${metricsHeader}: ${token.reveal()}\n`,
    timeoutMs: 2 * timeoutMs,
  });
  return result.code === 0 ? result.stdout : undefined;
}

/**
 * Asks the edge through its metrics port on that machine's loopback. Undefined when nothing answers there within `timeoutMs`: no edge is
 * there, or the server neither forwards nor has a tool to ask with, and the caller then trusts the files.
 */
export async function askEdge(host: Host, metrics: MetricsPort, timeoutMs = 5000): Promise<EdgeVersions | undefined> {
  const body = await getOverThere(host, metrics, statsPath, timeoutMs);
  return body === undefined ? undefined : parseEdgeStats(body);
}

const healthPath = `/stats/prometheus?filter=${encodeURIComponent('membership_healthy')}`;

/** The clusters of the edge that have a healthy member, by Envoy's names; undefined when the edge does not answer. */
export async function healthyClusters(host: Host, metrics: MetricsPort): Promise<ReadonlySet<string> | undefined> {
  const body = await getOverThere(host, metrics, healthPath, 5000);
  if (body === undefined) return undefined;
  const lines = body.matchAll(/^envoy_cluster_membership_healthy\{envoy_cluster_name="([^"]+)"\} ([1-9]\d*)\r?$/gm);
  return new Set([...lines].flatMap(([, name]) => name ?? []));
}
