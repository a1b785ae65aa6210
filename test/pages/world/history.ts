import type { HistoryInput, HistoryPoint, MirrorHistory, Pull } from '../../../preload/contract/history.ts';
import { chanceOf } from './chance.ts';

/** A stretch of a mirror's past: a slow morning, an outage that is a gap, a direct line that is worse throughout. */
export function history({ node, upstream, from, to, points }: HistoryInput): MirrorHistory {
  const chance = chanceOf(`${node} ${upstream}`);
  const widthMs = Math.max(1000, Math.floor((to - from) / points));
  const series = (level: number, every: number): HistoryPoint[] =>
    Array.from({ length: Math.floor(points / every) }, (_, at) => {
      const share = (at * every) / points;
      const p50 = level * (0.85 + chance() * 0.3) * (share > 0.55 && share < 0.7 ? 2.4 : 1);
      return {
        at: Math.round(from + at * every * widthMs),
        p50,
        min: p50 * 0.7,
        max: p50 * 1.9,
        samples: 20,
        failed: share > 0.6 && share < 0.62 ? 4 : 0,
      };
    }).filter(({ at }) => {
      const share = (at - from) / (to - from);
      return share < 0.3 || share > 0.38;
    });
  return {
    widthMs,
    gapMs: 4 * widthMs,
    cached: series(84, 1),
    uncached: series(390, 3),
    direct: series(270, 3),
    traffic: series(1, 2).map(({ at }) => ({
      at,
      hits: Math.round(chance() * 40),
      misses: Math.round(chance() * 4),
      servedBytes: Math.round(chance() * 9e8),
      fetchedBytes: Math.round(chance() * 1e8),
    })),
  };
}

/** The same past of a node that was measured from `since` on: the first probe alone, then a silence, then what came after. */
export function measuredSince(past: MirrorHistory, since: number): MirrorHistory {
  const young = (points: readonly HistoryPoint[]): HistoryPoint[] => {
    const [first, ...after] = points.filter(({ at }) => at >= since);
    return first ? [first, ...after.filter(({ at }) => at - first.at > past.gapMs)] : [];
  };
  return Number.isFinite(since)
    ? {
        ...past,
        cached: young(past.cached),
        uncached: young(past.uncached),
        direct: young(past.direct),
        traffic: past.traffic.filter(({ at }) => at >= since),
      }
    : past;
}

const seen = [
  ['docker.io', 'library/nginx', '1.27-alpine', 'docker/20.10.24'],
  ['docker.io', 'library/postgres', '16', 'docker/20.10.24'],
  ['ghcr.io', 'home-assistant/home-assistant', '2026.11', 'containerd/1.6.20'],
  ['quay.io', 'prometheus/prometheus', 'v3.1.0', 'podman/4.3.1'],
] as const;

export function pulls(limit: number, now: number, upstream?: string): Pull[] {
  const chance = chanceOf('pulls');
  return Array.from({ length: Math.min(limit, 40) }, (_, at) => {
    const [from, repository, reference, agent] = seen[at % seen.length] ?? seen[0];
    return {
      at: now - at * 7 * 60_000,
      upstream: from,
      repository,
      reference,
      who: at % 5 === 4 ? 'ci@build-7' : 'dev@laptop',
      agent,
      client: at % 5 === 4 ? '198.51.100.7' : '203.0.113.1',
      bytes: Math.round(chance() * 2e8),
      ms: Math.round(300 + chance() * 4000),
      requests: 4 + Math.floor(chance() * 6),
      status: at % 11 === 10 ? 429 : 200,
    };
  }).filter((pull) => upstream === undefined || pull.upstream === upstream);
}
