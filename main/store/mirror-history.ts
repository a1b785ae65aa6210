import type {
  Growth,
  HistoryInput,
  HistoryPoint,
  MirrorHistory,
  TrafficPoint,
} from '../../preload/contract/history.ts';
import { type Bucket, type CounterName, type CounterReading, type History, bucketMs } from './history.ts';

const minute = 60_000;
/** Older samples live on in buckets of five minutes, so that a finer cut would show holes that are none. */
const fineMs = 48 * 60 * minute;
/** In history, what is asked straight from this computer belongs to no node. */
const noNode = '';

/** How often the fleet is looked at, in ms: what is rarer than that is a gap. */
export interface Pace {
  readonly intervalMs: number;
  readonly upstreamIntervalMs: number;
}

/** A stretch of one mirror's history, cut into at most `points` buckets, none narrower than a minute. */
export function readMirrorHistory(history: History, input: HistoryInput, now: number, pace: Pace): MirrorHistory {
  const { node, upstream, from, to } = input;
  const widthMs = widthOf(input, now);
  const line = (owner: string, kind: 'cached' | 'uncached' | 'direct'): HistoryPoint[] =>
    history.buckets({ node: owner, upstream, kind, from, to, widthMs }).map(pointOf);
  const silenceMs = silenceOf(pace);
  const readings = history.counterReadings({ node, upstream, from: from - silenceMs, to });
  const beganAt = new Map(
    history
      .counters(node)
      // Where the program's own start is not known, a counter's first figure holds what came before it was first read.
      .filter((counter) => counter.upstream === upstream && counter.startedAt !== undefined)
      .map(({ name, since }) => [name, since]),
  );
  return {
    widthMs,
    gapMs: Math.max(2 * widthMs, silenceMs),
    cached: line(node, 'cached'),
    uncached: line(node, 'uncached'),
    direct: line(noNode, 'direct'),
    traffic: trafficIn(readings, { from, widthMs, silenceMs, beganAt }),
  };
}

/** The cut that gives at most so many buckets, in whole minutes, or in whole five minutes for what is kept by them. */
function widthOf({ from, to, points }: HistoryInput, now: number): number {
  const least = Math.ceil(Math.max(0, to - from) / (points - 1));
  const grain = from < now - fineMs || least > bucketMs ? bucketMs : minute;
  return Math.max(grain, Math.ceil(least / grain) * grain);
}

/** Nothing for longer than this (ms) is a gap: rounds back off to five minutes, and counters are kept by five. */
function silenceOf({ intervalMs, upstreamIntervalMs }: Pace): number {
  return 2 * Math.max(intervalMs, upstreamIntervalMs, bucketMs);
}

function pointOf(bucket: Bucket): HistoryPoint {
  const { at, samples, failed, manifestP50, manifestMin, manifestMax } = bucket;
  return {
    at,
    samples,
    failed,
    ...(manifestP50 !== undefined && { p50: manifestP50 }),
    ...(manifestMin !== undefined && { min: manifestMin }),
    ...(manifestMax !== undefined && { max: manifestMax }),
  };
}

const figures: Readonly<Record<CounterName, keyof Omit<TrafficPoint, 'at'>>> = {
  hits: 'hits',
  misses: 'misses',
  pushedBytes: 'servedBytes',
  pulledBytes: 'fetchedBytes',
};

/** The stretch that traffic is told of, and since when each counter whose beginning is known has counted from 0 (ms since 1970). */
interface TrafficCut {
  readonly from: number;
  readonly widthMs: number;
  readonly silenceMs: number;
  readonly beganAt: ReadonlyMap<CounterName, number>;
}

/**
 * Totals as what was counted within each bucket. What was counted while nobody looked for `silenceMs` or longer has no time of its own and
 * stands nowhere: a gap stays a gap. A counter that began within the range has its first total in the range whole, in the bucket of that
 * first reading: a node applied two minutes ago has been read in one bucket only. Pure.
 */
export function trafficIn(readings: readonly CounterReading[], cut: TrafficCut): TrafficPoint[] {
  const buckets = new Map<number, TrafficPoint>();
  for (const [index, reading] of readings.entries()) {
    const ground = groundOf(reading, readings[index - 1], cut);
    if (ground === undefined) continue;
    // A first reading stands for five minutes, which may have begun before the range did.
    const within = Math.max(reading.at, cut.from);
    const at = within - (within % cut.widthMs);
    const bucket = buckets.get(at) ?? { at, hits: 0, misses: 0, servedBytes: 0, fetchedBytes: 0 };
    const figure = figures[reading.name];
    buckets.set(at, { ...bucket, [figure]: bucket[figure] + Math.max(0, reading.total - ground) });
  }
  return [...buckets.values()].toSorted((a, b) => a.at - b.at);
}

/** The total from which a reading counts on; undefined where there is none that its growth could be told from. */
function groundOf(reading: CounterReading, before: CounterReading | undefined, cut: TrafficCut): number | undefined {
  if (before?.name !== reading.name) return (cut.beganAt.get(reading.name) ?? -Infinity) >= cut.from ? 0 : undefined;
  return reading.at < cut.from || reading.at - before.at > cut.silenceMs ? undefined : before.total;
}

/** A window has no use for more points than this. */
const growthPoints = 500;

/** A node's cache and free space over time: the last measurement of each bucket. */
export function readGrowth(history: History, node: string, from: number, to: number): Growth {
  const widthMs = Math.max(bucketMs, Math.ceil(Math.max(0, to - from) / (growthPoints - 1) / bucketMs) * bucketMs);
  const points = new Map<number, Growth['points'][number]>();
  for (const { at, cacheBytes, freeBytes } of history.disks({ node, from, to })) {
    points.set(at - (at % widthMs), { at, cacheBytes, freeBytes });
  }
  return { node, points: [...points.values()] };
}
