import type { Duplex } from 'node:stream';
import type { Host } from '../hosts/host.ts';

/**
 * What the running edge says of its configuration: the `version_info` it accepted last for clusters, listeners, routes and secrets, and
 * how often it refused one since it started.
 */
export interface EdgeVersions {
  readonly cds?: string;
  readonly lds?: string;
  readonly rds?: string;
  readonly sds: readonly string[];
  readonly refusals: number;
}

/** Bytes of an answer we are willing to read; the filtered statistics are a few kilobytes. */
const answerLimit = 1 << 20;

/** The versions in Envoy's Prometheus text (asked with `text_readouts`), of which each line is `name{labels} value`. */
export function parseEdgeStats(text: string): EdgeVersions {
  const versions: { cds?: string; lds?: string; rds?: string } = {};
  const sds: string[] = [];
  let refusals = 0;
  for (const line of text.split('\n')) {
    const name = /^envoy_(\w+)/.exec(line)?.[1];
    if (name === undefined) continue;
    const value = /text_value="([^"]*)"/.exec(line)?.[1] ?? '';
    if (name === 'cluster_manager_cds_version_text') versions.cds = value;
    else if (name === 'listener_manager_lds_version_text') versions.lds = value;
    else if (/^http_(?:\w+_)?rds_(?:\w+_)?version_text$/.test(name)) versions.rds = value;
    else if (/^sds_(?:\w+_)?version_text$/.test(name)) sds.push(value);
    else if (/_update_(rejected|failure)$/.test(name)) refusals += Number(/ (\d+)$/.exec(line)?.[1] ?? 0);
  }
  return { ...versions, sds: sds.toSorted(), refusals };
}

/** One plain HTTP/1.0 exchange over a connection that exists. Undefined when it is not a 200 with a body. */
async function get(stream: Duplex, path: string, signal: AbortSignal): Promise<string | undefined> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    stream.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > answerLimit) return undefined;
      chunks.push(bytes);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return /^HTTP\/1\.[01] 200 /.test(text) ? text.slice(text.indexOf('\r\n\r\n') + 4) : undefined;
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** The statistics by which a push is judged; version texts are left out of Prometheus' form unless asked for. */
const statsPath = `/stats/prometheus?text_readouts&filter=${encodeURIComponent('version_text|update_rejected|update_failure')}`;

/**
 * Asks the edge through its metrics port on that machine's loopback. Undefined when nothing answers there within `timeoutMs` (no edge,
 * or a server that allows no forwarding): the caller then trusts the files.
 */
export async function askEdge(host: Host, port: number, timeoutMs = 5000): Promise<EdgeVersions | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const stream = await host.connect(port);
    stream.on('error', () => {});
    const text = await get(stream, statsPath, signal);
    return text === undefined ? undefined : parseEdgeStats(text);
  } catch {
    return undefined;
  }
}
