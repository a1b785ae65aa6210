import type { DatabaseSync } from 'node:sqlite';
import { type DatabaseOptions, GuardedDatabase } from './guarded-database.ts';
import { type Bucket, type Sample, type SampleQuery, foldIntoBuckets } from './history-buckets.ts';
import {
  type Counter,
  type CounterReading,
  type DiskReading,
  bucketsOf,
  countersOf,
  diskOf,
  prepareHistory,
  readingsOf,
  samplesOf,
} from './history-rows.ts';
import { historyKind } from './history-schema.ts';

export type { Bucket, Sample, SampleQuery } from './history-buckets.ts';
export type { Counter, CounterName, CounterReading, DiskReading } from './history-rows.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Width of the buckets that take the place of raw samples, and of what counters and disks are kept by. */
export const bucketMs = 5 * minute;
const keepRawMs = 48 * hour;
const defaultKeepDays = 90;
/** Samples held in memory until they are written in one transaction. */
const batchSize = 500;

export interface HistoryOptions extends DatabaseOptions {
  /** How long measurements are kept, in days; asked whenever old ones are cleared away. */
  readonly keepDays?: () => number;
}

/**
 * The history of measurements: samples and counters in one SQLite file, written in batches, read in order by iterators. Synchronous: a
 * node's day of one series reads in a few ms, `forget` works in slices. A write that fails costs its batch and is told once; a file found
 * damaged is moved aside and history begins anew; neither ever stops the caller.
 */
export class History {
  readonly #kept: GuardedDatabase<ReturnType<typeof prepareHistory>>;
  readonly #now: () => number;
  readonly #keepDays: () => number;
  readonly #seriesIds = new Map<string, number>();
  #pendingSamples: Sample[] = [];
  #pendingCounters: Counter[] = [];
  #pendingDisks: DiskReading[] = [];

  /** Opens or makes the file; where neither is possible, what is kept is kept in memory until it is. */
  constructor(file: string, options: HistoryOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#keepDays = options.keepDays ?? (() => defaultKeepDays);
    const prepare = (database: DatabaseSync): ReturnType<typeof prepareHistory> => {
      this.#seriesIds.clear();
      return prepareHistory(database);
    };
    this.#kept = new GuardedDatabase(file, historyKind, prepare, options);
  }

  /** Takes samples in; they are on disk after {@link flush}, or when enough have gathered. */
  add(samples: readonly Sample[]): void {
    this.#pendingSamples.push(...samples);
    if (this.#pendingSamples.length >= batchSize) this.flush();
  }

  /** Takes counters in, as {@link add} does samples. */
  count(counters: readonly Counter[]): void {
    this.#pendingCounters.push(...counters);
  }

  /** Takes a node's disk in, as {@link add} does samples. */
  measured(disk: DiskReading): void {
    this.#pendingDisks.push(disk);
  }

  /** Writes what has gathered, in one transaction. */
  flush(): void {
    const [samples, counters, disks] = [this.#pendingSamples, this.#pendingCounters, this.#pendingDisks];
    if (samples.length + counters.length + disks.length === 0) return;
    this.#pendingSamples = [];
    this.#pendingCounters = [];
    this.#pendingDisks = [];
    this.#kept.guard(undefined, () => {
      this.#transaction(() => {
        for (const each of samples) {
          const series = this.#seriesId(each);
          this.#kept.sql.addSample.run(
            series,
            each.at,
            each.manifestMs ?? null,
            each.firstByteMs ?? null,
            each.outcome,
          );
        }
        for (const { node, upstream, name, raw, total, at, since, startedAt } of counters) {
          this.#kept.sql.putCounter.run(node, upstream, name, raw, total, at, since, startedAt ?? 0);
          this.#kept.sql.putCounterHistory.run(node, upstream, name, at - (at % bucketMs), total);
        }
        for (const { node, at, freeBytes, freeInodes, cacheBytes } of disks) {
          this.#kept.sql.putDisk.run(node, at - (at % bucketMs), freeBytes, freeInodes, cacheBytes);
        }
      });
    });
  }

  /** The last state of all counters of a node, from which a new run of the core goes on counting. */
  counters(node: string): Counter[] {
    this.flush();
    return this.#kept.guard<Counter[]>([], () => [...countersOf(node, this.#kept.sql.counters.iterate(node))]);
  }

  /** A mirror's counters over a range, by name and then by time: one reading for each five minutes in which there was one. */
  counterReadings(query: Pick<SampleQuery, 'node' | 'upstream' | 'from' | 'to'>): CounterReading[] {
    this.flush();
    const { node, upstream, from, to } = query;
    return this.#kept.guard<CounterReading[]>([], () => [
      ...readingsOf(this.#kept.sql.counterHistory.iterate(node, upstream, from, to)),
    ]);
  }

  /** A node's disk and cache over a range, oldest first: one reading for each five minutes in which there was one. */
  disks(query: Pick<SampleQuery, 'node' | 'from' | 'to'>): DiskReading[] {
    this.flush();
    const { node, from, to } = query;
    return this.#kept.guard<DiskReading[]>([], () => [...diskOf(node, this.#kept.sql.disk.iterate(node, from, to))]);
  }

  /** Raw samples of a range, oldest first. Those older than 48 h live on as buckets only. */
  *samples(query: SampleQuery): Generator<Sample, void, undefined> {
    this.flush();
    try {
      yield* this.#rawSamples(query);
    } catch (error) {
      this.#kept.failed(error);
    }
  }

  /** A range as buckets of `widthMs`, oldest first, without empty ones. */
  buckets(query: SampleQuery & { readonly widthMs: number }): Bucket[] {
    this.flush();
    return this.#kept.guard<Bucket[]>([], () => [...foldIntoBuckets(this.#oldThenRaw(query), query.widthMs)]);
  }

  /** The median manifest latency of a range in ms; undefined where there are fewer than `atLeast` good samples. */
  usualMs(query: SampleQuery, atLeast: number): number | undefined {
    this.flush();
    return this.#kept.guard<number | undefined>(undefined, () => {
      const { from, to } = query;
      const series = this.#seriesId(query);
      const row = this.#kept.sql.median.get({ series, from, to, atLeast });
      return typeof row?.['value'] === 'number' ? row['value'] : undefined;
    });
  }

  /**
   * Retention: samples older than 48 h become five-minute buckets, and what is older than what is kept goes. Works on one series at a time and
   * hands control back between them, so that nothing else of the core waits.
   */
  async forget(): Promise<void> {
    this.flush();
    const now = this.#now();
    const keptFrom = now - this.#keepDays() * day;
    const rawEnd = now - keepRawMs - ((now - keepRawMs) % bucketMs);
    const seriesIds = this.#kept.guard<number[]>([], () =>
      this.#kept.sql.allSeries.all().map((row) => Number(row['id'])),
    );
    for (const series of seriesIds) {
      this.#kept.guard(undefined, () => {
        this.#transaction(() => {
          const old = samplesOf(
            { node: '', upstream: '', kind: 'cached' },
            this.#kept.sql.samples.iterate(series, 0, rawEnd),
          );
          for (const bucket of foldIntoBuckets(old, bucketMs)) {
            this.#kept.sql.putBucket.run(
              series,
              bucket.at,
              bucket.samples,
              bucket.failed,
              bucket.manifestP50 ?? null,
              bucket.manifestMin ?? null,
              bucket.manifestMax ?? null,
              bucket.firstByteP50 ?? null,
            );
          }
          this.#kept.sql.dropSamples.run(series, Math.max(rawEnd, keptFrom));
          this.#kept.sql.dropBuckets.run(series, keptFrom);
        });
      });
      await new Promise(setImmediate);
    }
    this.#kept.guard(undefined, () => {
      this.#kept.sql.dropCounterHistory.run(keptFrom);
      this.#kept.sql.dropDisk.run(keptFrom);
    });
  }

  /** Forgets everything of a node that was removed. */
  forgetNode(node: string): void {
    this.flush();
    this.#seriesIds.clear();
    this.#kept.guard(undefined, () => {
      this.#transaction(() => {
        for (const sql of this.#kept.sql.dropNode) sql.run(node);
      });
    });
  }

  close(): void {
    this.flush();
    this.#kept.close();
  }

  *#oldThenRaw(query: SampleQuery): Generator<Sample | Bucket, void, undefined> {
    const { from, to } = query;
    yield* bucketsOf(this.#kept.sql.buckets.iterate(this.#seriesId(query), from - (from % bucketMs), to));
    yield* this.#rawSamples(query);
  }

  *#rawSamples(query: SampleQuery): Generator<Sample, void, undefined> {
    yield* samplesOf(query, this.#kept.sql.samples.iterate(this.#seriesId(query), query.from, query.to));
  }

  #seriesId({ node, upstream, kind }: Pick<Sample, 'node' | 'upstream' | 'kind'>): number {
    const key = `${node}\n${upstream}\n${kind}`;
    const known = this.#seriesIds.get(key);
    if (known !== undefined) return known;
    this.#kept.sql.addSeries.run(node, upstream, kind);
    const id = Number(this.#kept.sql.seriesId.get(node, upstream, kind)?.['id']);
    this.#seriesIds.set(key, id);
    return id;
  }

  #transaction(body: () => void): void {
    this.#kept.database.exec('begin immediate');
    try {
      body();
      this.#kept.database.exec('commit');
    } catch (error) {
      // What SQLite has rolled back by itself (a full disk) has no transaction left to end.
      if (this.#kept.database.isTransaction) this.#kept.database.exec('rollback');
      this.#seriesIds.clear();
      throw error;
    }
  }
}
