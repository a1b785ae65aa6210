import { setTimeout as wait } from 'node:timers/promises';
import { type Problem, ProblemError, fail } from '../../preload/contract/problem.ts';
import { edgeClusters } from '../fleet/edge-names.ts';
import { mirrorService } from '../fleet/node-layout.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import type { Host } from '../hosts/host.ts';
import { announcedVersion } from './desired.ts';
import { type EdgeVersions, type MetricsPort, askEdge, healthyClusters } from './edge-stats.ts';
import { runningVersion } from './plan-files.ts';
import type { NodeFile } from './render/node-files.ts';
import { restoreFiles, writeFiles } from './write-files.ts';

/** A rename is live after 30–120 ms on a loaded machine; an edge that says nothing for this long has refused. Milliseconds. */
const pushTimeout = 15_000;
const startTimeout = 60_000;
const pollEvery = 60;

/** The order of pushes when something is added: what is referred to comes first. */
const order = ['cds', 'lds', 'rds'];
function rank(file: NodeFile): number {
  const at = order.findIndex((name) => file.path.endsWith(`/${name}.yaml`));
  return file.role === 'sds' ? -1 : at < 0 ? order.length : at;
}

/** Secrets first, then clusters, listeners, routes; the other way round where things are only taken away. */
export function pushOrder(files: readonly NodeFile[], removing: boolean): NodeFile[] {
  const sorted = files.toSorted((a, b) => rank(a) - rank(b));
  return removing ? sorted.toReversed() : sorted;
}

function runs(file: NodeFile, edge: EdgeVersions): boolean {
  const running = runningVersion(file, edge);
  // An edge that does not count this kind of file at all (a secret no listener uses yet) is not waited for.
  return running === undefined ? file.role === 'sds' : running === announcedVersion(file.text);
}

/** Waits until the edge runs every one of these files. Gives those it does not run when the time is over or it refused one. */
export async function awaitVersions(
  host: Host,
  metrics: MetricsPort,
  files: readonly NodeFile[],
  options: { refusals?: number; starting?: boolean; signal?: AbortSignal },
): Promise<readonly NodeFile[]> {
  const deadline = Date.now() + (options.starting === true ? startTimeout : pushTimeout);
  let missing: readonly NodeFile[] = files;
  for (;;) {
    const edge = await askEdge(host, metrics);
    missing = edge === undefined ? files : files.filter((file) => !runs(file, edge));
    if (missing.length === 0) return [];
    if (edge !== undefined && options.refusals !== undefined && edge.refusals > options.refusals) return missing;
    if (Date.now() > deadline) return missing;
    await wait(pollEvery, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/**
 * Waits until every mirror of the node stands behind its edge. Problem `mirror-down` names the one that does not, with its log; an edge
 * that cannot be asked (a server that forwards nothing) is left to the tries from outside.
 */
export async function awaitMirrors(
  host: Host,
  place: { project: string; metrics: MetricsPort },
  upstreams: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + startTimeout;
  for (;;) {
    const healthy = await healthyClusters(host, place.metrics);
    if (healthy === undefined) return;
    const down = upstreams.find((each) => !healthy.has(edgeClusters(upstreamOf(each).id).last));
    if (down === undefined) return;
    if (Date.now() > deadline) {
      fail({
        code: 'mirror-down',
        message: `The mirror of ${down} on ${host.name} does not come up.`,
        hint: 'The detail holds the last lines of its log. Apply again when that is cured.',
        retryable: true,
        detail: { log: (await serviceLog(host, place.project, mirrorService(upstreamOf(down).id))) || '(nothing)' },
      });
    }
    await wait(4 * pollEvery, undefined, { signal });
  }
}

/** What a refused configuration is: our fault or a version of Envoy that does not know a field. Says what the edge still runs. */
export function edgeRefused(host: Host, missing: readonly NodeFile[], restored: boolean, log: string): Problem {
  return {
    code: 'edge-refused',
    message: `The edge on ${host.name} did not take ${missing.map((file) => file.path).join(', ')}${restored ? '; the previous files are back and it runs as before' : ''}.`,
    hint: 'This is a fault in Mirrorfleet or an Envoy image of another version than the one it was made for. The detail holds Envoy’s own words; please report it.',
    retryable: false,
    detail: { envoy: log.slice(-2000) || '(nothing)' },
  };
}

/** The last lines of a service's log, for the detail of a problem. */
export async function serviceLog(host: Host, project: string, service: string, lines = 15): Promise<string> {
  const script =
    'id=$(docker ps -aq --filter "label=com.docker.compose.project=$1" --filter "label=com.docker.compose.service=$2" | head -n 1); [ -z "$id" ] || docker logs --tail "$3" "$id" 2>&1';
  const result = await host.run({
    argv: ['sh', '-c', script, 'sh', project, service, String(lines)],
    elevated: true,
    timeoutMs: 30_000,
  });
  return result.stdout.slice(-4000);
}

/**
 * Hands changed files to the running edge, one after another, each awaited. A file it refuses is taken back together with those that
 * went before it, and the Problem `edge-refused` says so. `existed` tells which of them had a previous version.
 */
export async function pushToEdge(
  host: Host,
  place: { base: string; project: string; metrics: MetricsPort; edgeService: string },
  files: readonly NodeFile[],
  existed: (path: string) => boolean,
  removing: boolean,
): Promise<void> {
  const pushed: NodeFile[] = [];
  for (const file of pushOrder(files, removing)) {
    const before = await askEdge(host, place.metrics);
    await writeFiles(host, place.base, [file], 'keep');
    pushed.push(file);
    if (before === undefined) continue;
    const missing = await awaitVersions(host, place.metrics, [file], { refusals: before.refusals });
    if (missing.length === 0) continue;
    const log = await serviceLog(host, place.project, place.edgeService);
    await restoreFiles(
      host,
      place.base,
      pushed
        .toReversed()
        .map(({ path }) => ({ path, verb: existed(path) ? ('restore' as const) : ('delete' as const) })),
    );
    throw new ProblemError(edgeRefused(host, missing, true, log));
  }
}
