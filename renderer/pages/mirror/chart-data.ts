import type { HistoryPoint, MirrorHistory } from '../../../preload/contract/history.ts';

/** A series on the common times: a number where it was measured, null where its line has to break, undefined where only others have a point. */
export type Line = (number | null | undefined)[];

export interface ChartData {
  /** Seconds since 1970, as uPlot wants them, ascending. */
  readonly times: number[];
  readonly cached: Line;
  readonly uncached: Line;
  readonly direct: Line;
  /** Seconds at which probes of cached images failed. */
  readonly failed: number[];
}

/** The values of a series by time, with a null where the line breaks: before a hole, and where nothing good was measured. */
function broken(points: readonly HistoryPoint[], { widthMs, gapMs }: MirrorHistory): Map<number, number | null> {
  const values = new Map<number, number | null>();
  let last: number | undefined;
  for (const { at, p50 } of points) {
    if (last !== undefined && at - last > gapMs) values.set(last + widthMs, null);
    values.set(at, p50 ?? null);
    last = at;
  }
  return values;
}

/** A series on the common times. A break lasts until its next value: what only others have within it is a break too. */
function onTimes(line: ReadonlyMap<number, number | null>, times: readonly number[]): Line {
  let last: number | null | undefined;
  return times.map((at) => {
    const value = line.get(at);
    if (value !== undefined) last = value;
    return last === null ? null : value;
  });
}

/** Where a value stands alone between breaks: no line leads to or from it, so it would not be seen. Indices on the common times. */
export function lonePoints(line: Line): number[] {
  const known = line.flatMap((value, at) => (value === undefined ? [] : [{ at, value }]));
  const isValue = (index: number): boolean => typeof known[index]?.value === 'number';
  return known.flatMap(({ at }, index) => (isValue(index) && !isValue(index - 1) && !isValue(index + 1) ? [at] : []));
}

/** The three latencies on one axis of time. Pure. */
export function chartData(history: MirrorHistory): ChartData {
  const lines = [history.cached, history.uncached, history.direct].map((points) => broken(points, history));
  const times = [...new Set(lines.flatMap((line) => [...line.keys()]))].toSorted((a, b) => a - b);
  const [cached = [], uncached = [], direct = []] = lines.map((line) => onTimes(line, times));
  return {
    times: times.map((at) => at / 1000),
    cached,
    uncached,
    direct,
    failed: history.cached.filter((point) => point.failed > 0).map((point) => point.at / 1000),
  };
}

/** The stretches of time one can look at, in ms. */
export const ranges = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
} as const;
export type Range = keyof typeof ranges;
export const rangeNames: readonly Range[] = ['1h', '24h', '7d', '30d', '90d'];

/** A past no longer than this (ms) would be a speck at the edge of a day. */
const youngMs = 2 * 3_600_000;

/** What a mirror's page opens with, by the last 24 hours: the day, or the hour where all that is known of the day is younger than two hours. */
export function openingRange({ cached, uncached, direct }: MirrorHistory, now: number): Range {
  const times = [cached, uncached, direct].flatMap((points) => points.map(({ at }) => at));
  return times.length > 0 && Math.min(...times) > now - youngMs ? '1h' : '24h';
}

export interface TrafficSum {
  readonly hits: number;
  readonly misses: number;
  readonly servedBytes: number;
  readonly fetchedBytes: number;
}

/** All that was counted in a stretch. */
export function trafficSum({ traffic }: Pick<MirrorHistory, 'traffic'>): TrafficSum {
  const sum = { hits: 0, misses: 0, servedBytes: 0, fetchedBytes: 0 };
  for (const point of traffic) {
    sum.hits += point.hits;
    sum.misses += point.misses;
    sum.servedBytes += point.servedBytes;
    sum.fetchedBytes += point.fetchedBytes;
  }
  return sum;
}

export interface TableRow {
  readonly at: number;
  readonly cached: number | undefined;
  readonly uncached: number | undefined;
  readonly direct: number | undefined;
  readonly failed: number;
}

/** The same past as a table of at most `rows` rows, newest first: each the mean of the medians in its part, for those who listen. */
export function tableRows(history: MirrorHistory, from: number, to: number, rows = 24): readonly TableRow[] {
  const width = (to - from) / rows;
  const mean = (points: readonly HistoryPoint[], begin: number): number | undefined => {
    const values = points
      .filter(({ at, p50 }) => at >= begin && at < begin + width && p50 !== undefined)
      .map(({ p50 }) => p50 ?? 0);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return Array.from({ length: rows }, (_, row) => {
    const at = to - (row + 1) * width;
    return {
      at,
      cached: mean(history.cached, at),
      uncached: mean(history.uncached, at),
      direct: mean(history.direct, at),
      failed: history.cached
        .filter((point) => point.at >= at && point.at < at + width)
        .reduce((sum, point) => sum + point.failed, 0),
    };
  }).filter(
    (row) => row.cached !== undefined || row.uncached !== undefined || row.direct !== undefined || row.failed > 0,
  );
}
