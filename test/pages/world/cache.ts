import type {
  CachedImage,
  CacheList,
  LocalStorage,
  PrunePolicy,
  PrunePreview,
  ScheduleView,
} from '../../../preload/contract/cache.ts';
import type { Growth } from '../../../preload/contract/history.ts';
import { chanceOf, digestOf } from './chance.ts';
import { upstreams } from './fleet.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'docker.io': [
    'library/alpine',
    'library/nginx',
    'library/postgres',
    'library/redis',
    'grafana/grafana',
    'library/node',
  ],
  'ghcr.io': ['actions/runner', 'home-assistant/home-assistant', 'fluxcd/source-controller'],
  'quay.io': ['prometheus/prometheus', 'prometheus/node-exporter', 'coreos/etcd'],
  'gcr.io': ['distroless/static', 'kaniko-project/executor'],
  'registry.k8s.io': ['pause', 'kube-apiserver', 'ingress-nginx/controller'],
};

/** Cached images, the largest first seen in no particular order; every seventh is pinned, every ninth has no tag. */
export function images(count: number, now: number): CachedImage[] {
  return Array.from({ length: count }, (_, at) => {
    const upstream = upstreams[at % upstreams.length] ?? 'docker.io';
    const known = names[upstream] ?? ['library/alpine'];
    const round = Math.floor(at / upstreams.length);
    const base = known[round % known.length] ?? 'library/alpine';
    const repository = round < known.length * 3 ? base : `${base}-${Math.floor(round / (known.length * 3))}`;
    const chance = chanceOf(`${upstream}/${repository}:${at}`);
    const bytes = Math.round((5 + 900 * chance() ** 3) * 1e6);
    return {
      upstream,
      repository,
      ...(at % 9 === 8 ? {} : { tag: `${1 + Math.floor(chance() * 20)}.${at % 10}${at % 4 === 1 ? '-alpine' : ''}` }),
      digest: digestOf(`${repository} ${at}`),
      bytes,
      exclusiveBytes: Math.round(bytes * (0.2 + 0.7 * chance())),
      lastUse: now - Math.round(chance() ** 2 * 80 * 86_400_000),
      platforms: at % 3 === 0 ? ['linux/amd64', 'linux/arm64'] : ['linux/amd64'],
      pinned: at % 7 === 3,
    };
  });
}

export function cacheList(node: string, count: number, now: number): CacheList {
  const listed = images(count, now);
  return {
    node,
    images: listed,
    bytes: listed.reduce((sum, { exclusiveBytes }) => sum + exclusiveBytes, 0) + (count > 0 ? 1.4e9 : 0),
    blobs: count * 6,
    leftoverBytes: count > 0 ? 212_000_000 : 0,
  };
}

const nameOf = ({ upstream, repository, tag, digest }: CachedImage): string =>
  `${upstream}/${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`;

const hour = 3_600_000;

/**
 * What a prune would take, decided as simply as can be: pins stay, and unless `graceSeconds` is 0 what was used within the hour, and the
 * bytes of what was used within the last day, which stand for files that were written within the hour.
 */
export function prunePreview(
  list: CacheList,
  { policy, graceSeconds }: { readonly policy: PrunePolicy; readonly graceSeconds?: number | undefined },
  now: number,
): PrunePreview {
  const within = ({ lastUse }: CachedImage, span: number): boolean => graceSeconds !== 0 && now - lastUse < span;
  const free = list.images.filter((image) => image.pinned !== true && !within(image, hour));
  const meant =
    policy.kind === 'images'
      ? list.images.filter((image) => policy.images.includes(nameOf(image)))
      : policy.kind === 'older-than'
        ? list.images.filter(({ lastUse }) => now - lastUse > policy.seconds * 1000)
        : policy.kind === 'all'
          ? list.images
          : [];
  let victims = free;
  if (policy.kind === 'older-than') victims = free.filter(({ lastUse }) => now - lastUse > policy.seconds * 1000);
  if (policy.kind === 'images') victims = free.filter((image) => policy.images.includes(nameOf(image)));
  if (policy.kind === 'to-size') {
    let left = list.bytes;
    victims = [...free]
      .sort((a, b) => a.lastUse - b.lastUse)
      .filter(({ exclusiveBytes }) => {
        if (left <= policy.bytes) return false;
        left -= exclusiveBytes;
        return true;
      });
  }
  return {
    node: list.node,
    policy,
    victims,
    freedBytes: victims.reduce((sum, image) => sum + (within(image, 24 * hour) ? 0 : image.exclusiveBytes), 0),
    blobs: victims.length * 5,
    kept: meant
      .filter((image) => !free.includes(image))
      .map((image) => ({
        code: image.pinned === true ? 'image-pinned' : 'image-used-within-hour',
        values: { image: nameOf(image) },
      })),
  };
}

export function scheduleView(node: string, now: number): ScheduleView {
  return {
    node,
    schedule: { at: '03:30', unusedDays: 30, freePercent: 15 },
    by: 'systemd',
    script: '#!/bin/sh\n# Written by Mirrorfleet. Prunes the cache of this node; needs no laptop.\nset -eu\n',
    lastRun: { at: now - 6 * 3_600_000, freedBytes: 1_260_000_000, images: 14, failed: false },
  };
}

export function growth(node: string, from: number, to: number): Growth {
  const chance = chanceOf(node);
  const count = 60;
  let cacheBytes = 3e9;
  return {
    node,
    points: Array.from({ length: count }, (_, at) => {
      cacheBytes = at % 21 === 20 ? cacheBytes * 0.6 : cacheBytes + chance() * 5e8;
      return {
        at: Math.round(from + ((to - from) * at) / count),
        cacheBytes: Math.round(cacheBytes),
        freeBytes: Math.round(34e9 - cacheBytes),
      };
    }),
  };
}

export function localStorage(): LocalStorage {
  return {
    images: { count: 41, bytes: 18_400_000_000, reclaimableBytes: 7_100_000_000 },
    buildCacheBytes: 2_300_000_000,
  };
}
