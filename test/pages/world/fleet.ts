import { unreachable } from '../../../main/hosts/ssh-problems.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import { chanceOf } from './chance.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const GB = 1e9;

export const upstreams = ['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io'] as const;
/** Ten of them, for the largest fleet. */
export const manyUpstreams = [
  ...upstreams,
  'mcr.microsoft.com',
  'public.ecr.aws',
  'registry.gitlab.com',
  'nvcr.io',
  'registry.example:5000',
] as const;

/** A healthy mirror as it is after days of use; `changed` makes it anything else. */
export function mirror(node: string, upstream: string, now: number, changed: Partial<MirrorView> = {}): MirrorView {
  const chance = chanceOf(`${node} ${upstream}`);
  const base = 60 + chance() * 60;
  const recent = Array.from({ length: 30 }, () => Math.round(base * (0.8 + chance() * 0.5)));
  return {
    node,
    upstream,
    state: 'up',
    recentMs: recent,
    cached: { manifestMs: recent.at(-1) ?? base, firstByteMs: Math.round(base * 1.4), at: now - 8000 },
    uncached: { manifestMs: Math.round(base * 4.1), firstByteMs: Math.round(base * 6), at: now - 4 * minute },
    direct: {
      manifestMs: Math.round(base * (2.2 + chance() * 2)),
      firstByteMs: Math.round(base * 5),
      at: now - 4 * minute,
    },
    atUpstream: { at: now - 4 * minute, status: 200, ms: Math.round(base * 2) },
    traffic: {
      since: now - 12 * day,
      hits: Math.round(4000 * chance()) + 300,
      misses: Math.round(240 * chance()) + 12,
      servedBytes: Math.round((20 + 60 * chance()) * GB),
      fetchedBytes: Math.round((2 + 4 * chance()) * GB),
    },
    cacheBytes: Math.round((0.4 + 5 * chance()) * GB),
    at: now - 8000,
    ...(upstream === 'docker.io' ? { quota: { limit: 100, remaining: 71, windowSeconds: 21_600 } } : {}),
    ...changed,
  };
}

/** A healthy node that serves five upstreams. */
export function node(
  name: string,
  now: number,
  changed: Partial<NodeView> = {},
  served: readonly string[] = upstreams,
): NodeView {
  const chance = chanceOf(name);
  const total = 40 * GB;
  const cache = Math.round((4 + 14 * chance()) * GB);
  return {
    name,
    kind: 'ssh',
    address: `203.0.113.${11 + Math.floor(chance() * 200)}`,
    port: 443,
    state: 'up',
    applied: true,
    mirrors: served.map((upstream) => mirror(name, upstream, now)),
    disk: {
      totalBytes: total,
      freeBytes: total - cache - 6 * GB,
      totalInodes: 2_621_440,
      freeInodes: 2_300_000,
      cacheBytes: cache,
    },
    certificateDays: 71,
    destination: `root@${name}.example`,
    appliedAt: now - 12 * day,
    staleAfterMs: 5 * minute,
    forecast: { bytesPerDay: 0.31 * GB, fullInDays: 58, measuredDays: 7 },
    programs: [
      { id: 'docker', version: '26.1.5' },
      { id: 'compose', version: '2.26.1' },
      { id: 'registry', version: '3.1.1' },
      { id: 'envoy', version: '1.40.0' },
    ],
    drift: { at: now - 9 * minute, files: [] },
    seenAt: now - 8000,
    ...changed,
  };
}

/** A node whose upstreams answer badly, each in its own way; what is cached is served. */
export function degradedNode(name: string, now: number): NodeView {
  return node(name, now, {
    state: 'degraded',
    drift: { at: now - 9 * minute, files: ['envoy/xds/rds.yaml', 'registry/docker.io.yml'] },
    certificateDays: 6,
    forecast: { bytesPerDay: 2.4 * GB, fullInDays: 3, measuredDays: 5 },
    programs: [
      { id: 'docker', version: '20.10.24' },
      { id: 'compose', version: '1.29.2' },
      { id: 'registry', version: '3.0.0' },
      { id: 'envoy', version: '1.40.0' },
    ],
    mirrors: [
      mirror(name, 'docker.io', now, {
        state: 'degraded',
        because: { code: 'quota-left-resets-in', values: { remaining: 0, limit: 100, resetsMs: 2 * hour } },
        quota: { limit: 100, remaining: 0, windowSeconds: 21_600 },
        atUpstream: { at: now - 2 * minute, status: 429, ms: 96 },
      }),
      mirror(name, 'ghcr.io', now, {
        state: 'slow',
        cached: { manifestMs: 1840, firstByteMs: 2400, at: now - 8000 },
        recentMs: [90, 88, 120, 400, 900, null, 1300, 1700, 1820, 1840],
      }),
      mirror(name, 'quay.io', now, {
        state: 'degraded',
        because: { code: 'upstream-unauthorized', values: { status: 401 } },
        atUpstream: { at: now - 2 * minute, status: 401, ms: 130 },
      }),
      directless(mirror(name, 'gcr.io', now)),
      mirror(name, 'registry.k8s.io', now, { state: 'unknown', at: now - 3 * hour }),
    ],
  });
}

/** A mirror whose upstream this computer does not reach itself. */
function directless({ direct: _direct, ...view }: MirrorView): MirrorView {
  return { ...view, directBecause: { code: 'no-route' } };
}

/** What the core says of a node whose server could not be reached for that reason of the system's. */
export function unreached(name: string, code: string): Problem {
  return unreachable({ name, hostname: `${name}.example`, port: 22 }, Object.assign(new Error(code), { code }));
}

/** A node that does not answer. */
export function downNode(name: string, now: number): NodeView {
  const { disk: _disk, ...rest } = node(name, now, {
    state: 'down',
    seenAt: now - 4 * minute,
    problem: unreached(name, 'ECONNREFUSED'),
    mirrors: upstreams.map((upstream) =>
      mirror(name, upstream, now, {
        state: 'down',
        because: { code: 'connection-refused' },
        at: now - 4 * minute,
        recentMs: [82, 90, null, null, null],
      }),
    ),
  });
  return rest;
}

/** A node that was added and never applied. */
export function addedNode(name: string, now: number): NodeView {
  return {
    name,
    kind: 'ssh',
    address: `${name}.example`,
    port: 443,
    state: 'unknown',
    applied: false,
    mirrors: upstreams.map((upstream) => ({ node: name, upstream, state: 'unknown' as const })),
    destination: `ops@${name}.example`,
    seenAt: now - minute,
  };
}

const places = ['tokyo', 'osaka', 'fra', 'home-lab', 'office', 'nyc', 'sgp', 'hkg', 'sfo', 'ams'];

/** As many nodes as asked for, most of them healthy, some of every other kind. */
export function fleet(count: number, now: number, served: readonly string[] = upstreams): NodeView[] {
  return Array.from({ length: count }, (_, at) => {
    const name =
      at < places.length
        ? (places[at] ?? 'node')
        : `${places[at % places.length]}-${Math.floor(at / places.length) + 1}`;
    if (at % 17 === 9) return downNode(name, now);
    if (at % 13 === 7) return degradedNode(name, now);
    if (at % 23 === 15) return addedNode(name, now);
    return node(name, now, {}, served);
  });
}
