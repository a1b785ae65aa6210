import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Bucket, Sample } from './history-buckets.ts';

/** What a counter of a mirror counts: requests for manifests and blobs together, bytes from the upstream and to clients. */
export type CounterName = 'hits' | 'misses' | 'pulledBytes' | 'pushedBytes';
const counterNames: readonly CounterName[] = ['hits', 'misses', 'pulledBytes', 'pushedBytes'];

/**
 * A counter of a mirror: what its program shows (`raw`, from 0 at each restart) and the sum over all restarts, counted since `since`.
 * `startedAt`, where it is known, is when the program began whose figure `raw` is. Times in ms since 1970.
 */
export interface Counter {
  readonly node: string;
  readonly upstream: string;
  readonly name: CounterName;
  readonly raw: number;
  readonly total: number;
  readonly at: number;
  readonly since: number;
  readonly startedAt?: number;
}

/** A counter's total at `at`, which stands for the five minutes that begin then. */
export interface CounterReading {
  readonly name: CounterName;
  readonly at: number;
  readonly total: number;
}

/** A node's disk and cache as they were measured at `at`. */
export interface DiskReading {
  readonly node: string;
  readonly at: number;
  readonly freeBytes: number;
  readonly freeInodes: number;
  readonly cacheBytes: number;
}

/** Every statement of the history, prepared once. */
export function prepareHistory(database: DatabaseSync) {
  const of = (sql: string) => database.prepare(sql);
  return {
    addSeries: of('insert or ignore into series (node, upstream, kind) values (?, ?, ?)'),
    seriesId: of('select id from series where node = ? and upstream = ? and kind = ?'),
    allSeries: of('select id from series'),
    addSample: of('insert or replace into samples values (?, ?, ?, ?, ?)'),
    samples: of('select * from samples where series = ? and at >= ? and at < ? order by at'),
    dropSamples: of('delete from samples where series = ? and at < ?'),
    putBucket: of('insert or replace into buckets values (?, ?, ?, ?, ?, ?, ?, ?)'),
    buckets: of('select * from buckets where series = ? and at >= ? and at < ? order by at'),
    dropBuckets: of('delete from buckets where series = ? and at < ?'),
    // In SQL because it is asked of a week: a bucket weighs as much as the samples it was made of.
    median: of(`
      with parts as (
        select manifest_ms as value, 1 as weight from samples
          where series = :series and at >= :from and at < :to and manifest_ms is not null
        union all
        select manifest_p50, samples - failed from buckets
          where series = :series and at >= :from and at < :to and manifest_p50 is not null
      ), sums as (
        select value, sum(weight) over (order by value) as upTo, sum(weight) over () as whole from parts
      )
      select value from sums where whole >= :atLeast and upTo * 2 >= whole order by value limit 1`),
    putCounter: of('insert or replace into counters values (?, ?, ?, ?, ?, ?, ?, ?)'),
    putCounterHistory: of('insert or replace into counter_history values (?, ?, ?, ?, ?)'),
    counters: of('select * from counters where node = ?'),
    counterHistory: of(`
      select name, at, total from counter_history
      where node = ? and upstream = ? and at >= ? and at < ? order by name, at`),
    dropCounterHistory: of('delete from counter_history where at < ?'),
    putDisk: of('insert or replace into disk_history values (?, ?, ?, ?, ?)'),
    disk: of('select * from disk_history where node = ? and at >= ? and at < ? order by at'),
    dropDisk: of('delete from disk_history where at < ?'),
    dropNode: [
      of('delete from samples where series in (select id from series where node = ?)'),
      of('delete from buckets where series in (select id from series where node = ?)'),
      of('delete from series where node = ?'),
      of('delete from counters where node = ?'),
      of('delete from counter_history where node = ?'),
      of('delete from disk_history where node = ?'),
    ],
  };
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function numberIn(row: Row, column: string): number | undefined {
  const value = row[column];
  return typeof value === 'number' ? value : undefined;
}

/** Rows of `samples` as samples of the given series. */
export function* samplesOf(
  series: Pick<Sample, 'node' | 'upstream' | 'kind'>,
  rows: Iterable<Row>,
): Generator<Sample, void, undefined> {
  const { node, upstream, kind } = series;
  for (const row of rows) {
    const manifestMs = numberIn(row, 'manifest_ms');
    const firstByteMs = numberIn(row, 'first_byte_ms');
    yield {
      node,
      upstream,
      kind,
      at: Number(row['at']),
      outcome: String(row['outcome']),
      ...(manifestMs !== undefined && { manifestMs }),
      ...(firstByteMs !== undefined && { firstByteMs }),
    };
  }
}

/** Rows of `buckets` as buckets. */
export function* bucketsOf(rows: Iterable<Row>): Generator<Bucket, void, undefined> {
  for (const row of rows) yield bucketOf(row);
}

function bucketOf(row: Row): Bucket {
  const manifestP50 = numberIn(row, 'manifest_p50');
  const manifestMin = numberIn(row, 'manifest_min');
  const manifestMax = numberIn(row, 'manifest_max');
  const firstByteP50 = numberIn(row, 'first_byte_p50');
  return {
    at: Number(row['at']),
    samples: Number(row['samples']),
    failed: Number(row['failed']),
    ...(manifestP50 !== undefined && { manifestP50 }),
    ...(manifestMin !== undefined && { manifestMin }),
    ...(manifestMax !== undefined && { manifestMax }),
    ...(firstByteP50 !== undefined && { firstByteP50 }),
  };
}

/** Rows of `counters` as counters of a node; names of another version of the program are left out. */
export function* countersOf(node: string, rows: Iterable<Row>): Generator<Counter, void, undefined> {
  for (const row of rows) {
    const name = nameIn(row);
    const [raw, total, at] = [numberIn(row, 'raw'), numberIn(row, 'total'), numberIn(row, 'at')];
    if (!name || raw === undefined || total === undefined || at === undefined) continue;
    const startedAt = numberIn(row, 'started') ?? 0;
    yield {
      node,
      upstream: String(row['upstream']),
      name,
      raw,
      total,
      at,
      since: numberIn(row, 'since') ?? at,
      ...(startedAt > 0 && { startedAt }),
    };
  }
}

function nameIn(row: Row): CounterName | undefined {
  return counterNames.find((each) => each === row['name']);
}

/** Rows of `counter_history` as readings, by name and then by time. */
export function* readingsOf(rows: Iterable<Row>): Generator<CounterReading, void, undefined> {
  for (const row of rows) {
    const name = nameIn(row);
    if (name) yield { name, at: Number(row['at']), total: Number(row['total']) };
  }
}

/** Rows of `disk_history` as readings of a node. */
export function* diskOf(node: string, rows: Iterable<Row>): Generator<DiskReading, void, undefined> {
  for (const row of rows) {
    yield {
      node,
      at: Number(row['at']),
      freeBytes: Number(row['free_bytes']),
      freeInodes: Number(row['free_inodes']),
      cacheBytes: Number(row['cache_bytes']),
    };
  }
}
