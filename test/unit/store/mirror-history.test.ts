import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CounterName, type CounterReading, History } from '../../../main/store/history.ts';
import { readGrowth, readMirrorHistory, trafficIn } from '../../../main/store/mirror-history.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 25, 12);
const pace = { intervalMs: 30_000, upstreamIntervalMs: 120_000 };
const mirror = { node: 'tokyo', upstream: 'docker.io' };

let folder: string;
let history: History;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirror-history-'));
  history = new History(join(folder, 'history.db'), { now: () => now });
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (from: number, points = 300) =>
  readMirrorHistory(history, { ...mirror, from, to: now, points }, now, pace);

describe("a mirror's history", () => {
  it('has a line each for cached, uncached and direct, of this mirror alone', () => {
    const at = now - 10 * minute;
    history.add([
      { ...mirror, kind: 'cached', at, manifestMs: 10, outcome: 'ok' },
      { ...mirror, kind: 'cached', at: at + 30_000, manifestMs: 30, outcome: 'ok' },
      { ...mirror, kind: 'cached', at: at + 40_000, outcome: 'timeout' },
      { ...mirror, kind: 'uncached', at, manifestMs: 200, outcome: 'ok' },
      { ...mirror, node: '', kind: 'direct', at, manifestMs: 300, outcome: 'ok' },
      { ...mirror, node: 'osaka', kind: 'cached', at, manifestMs: 999, outcome: 'ok' },
    ]);
    const found = read(now - hour);
    expect(found).toMatchObject({
      widthMs: minute,
      cached: [{ at, p50: 10, min: 10, max: 30, samples: 3, failed: 1 }],
      uncached: [{ at, p50: 200, samples: 1, failed: 0 }],
      direct: [{ at, p50: 300, samples: 1, failed: 0 }],
      traffic: [],
    });
  });

  it.each([
    ['an hour', hour, 300, minute],
    ['a day', day, 300, 5 * minute],
    ['a week', 7 * day, 300, 35 * minute],
    ['ninety days', 90 * day, 300, 435 * minute],
    ['an hour that is cut finely', hour, 1000, minute],
    ['a day on a terminal', day, 24, 65 * minute],
  ])('of %s is cut into no more points than wanted', (_, range, points, widthMs) => {
    for (let at = now - range; at < now; at += widthMs / 2) {
      history.add([{ ...mirror, kind: 'cached', at, manifestMs: 1, outcome: 'ok' }]);
    }
    const found = read(now - range, points);
    expect(found.widthMs).toBe(widthMs);
    expect(found.cached.length).toBeLessThanOrEqual(points);
  });

  it('keeps a gap a gap', async () => {
    const times = [now - 4 * day, now - 4 * day + 20 * minute, now - day];
    history.add(times.map((at) => ({ ...mirror, kind: 'cached' as const, at, manifestMs: 1, outcome: 'ok' })));
    await history.forget();
    const found = read(now - 7 * day, 1000);
    expect(found.cached.map(({ at }) => at)).toEqual(times.map((at) => at - (at % found.widthMs)));
    const [first = 0, second = 0, third = 0] = found.cached.map(({ at }) => at);
    expect([second - first > found.gapMs, third - second > found.gapMs]).toEqual([false, true]);
  });

  it('shows traffic as what was counted within each bucket', () => {
    for (const [minutes, hits] of [
      [20, 100],
      [15, 130],
      [10, 130],
      [5, 150],
    ] as const) {
      const at = now - minutes * minute;
      history.count([{ ...mirror, name: 'hits', at, raw: hits, total: hits, since: 0 }]);
      history.count([{ ...mirror, name: 'pushedBytes', at, raw: 0, total: hits * 10, since: 0 }]);
    }
    expect(read(now - hour, 300).traffic).toEqual([
      { at: now - 15 * minute, hits: 30, misses: 0, servedBytes: 300, fetchedBytes: 0 },
      { at: now - 10 * minute, hits: 0, misses: 0, servedBytes: 0, fetchedBytes: 0 },
      { at: now - 5 * minute, hits: 20, misses: 0, servedBytes: 200, fetchedBytes: 0 },
    ]);
  });

  it('begins its traffic at the range, with the reading before it as the ground', () => {
    const reading = (at: number, total: number, name: CounterName = 'hits'): CounterReading => ({ name, at, total });
    const cut = { from: 10 * minute, widthMs: 5 * minute, silenceMs: 10 * minute, beganAt: new Map() };
    expect(trafficIn([reading(5 * minute, 7), reading(10 * minute, 9)], cut)).toMatchObject([
      { at: 10 * minute, hits: 2 },
    ]);
    expect(trafficIn([reading(10 * minute, 9), reading(15 * minute, 4, 'misses')], cut)).toEqual([]);
    expect(trafficIn([reading(10 * minute, 9), reading(60 * minute, 900)], cut)).toEqual([]);
  });

  it('has all that was counted by a mirror that began within the range, read once or more often', () => {
    const counted = (startedAt: number | undefined, at: number, hits: number, upstream = 'docker.io') =>
      history.count([
        {
          ...mirror,
          upstream,
          name: 'hits',
          at,
          raw: hits,
          total: hits,
          since: startedAt ?? at,
          ...(startedAt !== undefined && { startedAt }),
        },
      ]);
    const began = now - 2 * minute;
    counted(began, now - minute, 40);
    counted(now - 3 * day, now - minute, 900, 'ghcr.io');
    counted(undefined, now - minute, 900, 'quay.io');
    const of = (upstream: string, from = now - day) =>
      readMirrorHistory(history, { ...mirror, upstream, from, to: now, points: 300 }, now, pace).traffic;
    expect(of('docker.io')).toEqual([{ at: now - 5 * minute, hits: 40, misses: 0, servedBytes: 0, fetchedBytes: 0 }]);
    expect([of('docker.io', began + 1), of('ghcr.io'), of('quay.io')]).toEqual([[], [], []]);
    expect(of('docker.io', began)).toMatchObject([{ at: began, hits: 40 }]);
    counted(began, now + 5 * minute, 55);
    const later = { ...mirror, from: now - day, to: now + 10 * minute, points: 300 };
    expect(readMirrorHistory(history, later, now + 10 * minute, pace).traffic.map(({ hits }) => hits)).toEqual([
      40, 15,
    ]);
  });
});

describe("a cache's growth", () => {
  it('is the last measurement of each bucket, of one node', () => {
    const disk = { node: 'tokyo', freeInodes: 1, freeBytes: 9e9 };
    for (let at = now - 30 * day; at < now; at += 10 * minute) {
      history.measured({ ...disk, at, cacheBytes: at - now + 30 * day });
      history.measured({ ...disk, node: 'osaka', at, cacheBytes: 0 });
    }
    const { node, points } = readGrowth(history, 'tokyo', now - 30 * day, now);
    expect(node).toBe('tokyo');
    expect(points.length).toBeGreaterThan(400);
    expect(points.length).toBeLessThanOrEqual(500);
    expect(points.map(({ cacheBytes }) => cacheBytes)).toEqual(
      points.map(({ cacheBytes }) => cacheBytes).toSorted((a, b) => a - b),
    );
    expect(points.at(-1)).toEqual({ at: now - 10 * minute, cacheBytes: 30 * day - 10 * minute, freeBytes: 9e9 });
  });
});
