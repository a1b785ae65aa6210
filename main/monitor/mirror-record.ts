import { type Traffic, recentProbes } from '../../preload/contract/status.ts';
import type { MirrorFacts, ProbeResult } from '../fleet/node-status.ts';
import type { Counter, CounterName, Sample } from '../store/history.ts';
import { type MirrorMetrics, countOn } from './metrics.ts';
import type { UpstreamFound } from './probe.ts';

/** How many of the last cached probes make a mirror's present speed: about two minutes, so that one slow answer is not a slow mirror. */
const recentCount = 5;

/** What is remembered of one mirror from round to round. */
export class MirrorRecord {
  readonly node: string;
  readonly upstream: string;
  cached: ProbeResult | undefined;
  uncached: ProbeResult | undefined;
  found: UpstreamFound | undefined;
  processAnswers: boolean | undefined;
  usualMs: number | undefined;
  /** When a HEAD by tag last cost the upstream a pull. */
  lastPullAt: number | undefined;
  #exhaustedSince: number | undefined;
  #recentMs: readonly number[] = [];
  #line: readonly (number | null)[];
  /** What our own probes made the mirror count, until a reading has it. */
  readonly #own = new Map<CounterName, number>();
  readonly #counters = new Map<CounterName, Counter>();

  /** `known` is what history holds of this mirror: its counters, and its last cached probes, oldest first. */
  constructor(
    node: string,
    upstream: string,
    known: { readonly counters: readonly Counter[]; readonly samples: readonly Sample[] },
  ) {
    this.node = node;
    this.upstream = upstream;
    for (const each of known.counters) if (each.upstream === upstream) this.#counters.set(each.name, each);
    this.#line = known.samples.slice(-recentProbes).map((sample) => sample.manifestMs ?? null);
  }

  tookCached(result: ProbeResult): Sample | undefined {
    this.cached = result;
    if (result.kind === 'ok') {
      this.#counts('hits', result.firstByteMs === undefined ? 1 : 2);
      this.#counts('pushedBytes', result.countedBytes ?? 0);
      if (result.manifestMs !== undefined) this.#recentMs = [...this.#recentMs, result.manifestMs].slice(-recentCount);
    } else if (result.kind === 'failed') {
      this.#recentMs = [];
    }
    const sample = sampleOf(this, 'cached', result);
    if (sample) this.#line = [...this.#line, sample.manifestMs ?? null].slice(-recentProbes);
    return sample;
  }

  /** `pulled`: what was looked up was not cached, so that the mirror fetched it. */
  tookUncached(result: ProbeResult, pulled: boolean): Sample | undefined {
    this.uncached = result;
    if (result.kind === 'ok') {
      this.#counts(pulled ? 'misses' : 'hits', 1);
      this.#counts('pushedBytes', result.countedBytes ?? 0);
      if (pulled) this.#counts('pulledBytes', result.countedBytes ?? 0);
    }
    return sampleOf(this, 'uncached', result);
  }

  tookUpstream(found: UpstreamFound): Sample | undefined {
    const { answer } = found;
    const exhausted = answer.kind === 'answered' && (answer.status === 429 || answer.quota?.remaining === 0);
    if (!exhausted) {
      if (answer.kind === 'answered') this.#exhaustedSince = undefined;
      this.found = found;
    } else {
      this.#exhaustedSince ??= answer.at;
      this.found = { ...found, answer: { ...answer, exhaustedSince: this.#exhaustedSince } };
    }
    if (answer.kind === 'unasked') return undefined;
    const { node, upstream } = this;
    return answer.kind === 'silent'
      ? { node, upstream, kind: 'upstream', at: answer.at, outcome: 'silent' }
      : {
          node,
          upstream,
          kind: 'upstream',
          at: answer.at,
          manifestMs: answer.ms,
          outcome: answer.status < 400 ? 'ok' : `${answer.status}`,
        };
  }

  /** Forgets results of later than now, which a clock that was set back has made: they would be taken for fresh for as long. */
  forgetAfter(now: number): void {
    if (this.cached && this.cached.at > now) this.cached = undefined;
    if (this.uncached && this.uncached.at > now) this.uncached = undefined;
    if (this.found && this.found.answer.at > now) this.found = undefined;
    if (this.lastPullAt !== undefined && this.lastPullAt > now) this.lastPullAt = now;
    if (this.#exhaustedSince !== undefined && this.#exhaustedSince > now) this.#exhaustedSince = now;
  }

  /** Takes in what the mirror counts; gives the counters as they now stand. */
  tookCounters(metrics: MirrorMetrics, at: number): Counter[] {
    const { node, upstream } = this;
    const { counted, startedAt } = metrics;
    return [...counted].map(([name, reading]) => {
      const last = this.#counters.get(name);
      const { raw, total, ownLeft } = countOn(
        last,
        { raw: reading, ...(startedAt !== undefined && { startedAt }) },
        this.#own.get(name),
      );
      this.#own.set(name, ownLeft);
      const since = last?.since ?? startedAt ?? at;
      const counter = { node, upstream, name, at, raw, total, since, ...(startedAt !== undefined && { startedAt }) };
      this.#counters.set(name, counter);
      return counter;
    });
  }

  #counts(name: CounterName, more: number): void {
    this.#own.set(name, (this.#own.get(name) ?? 0) + more);
  }

  #traffic(): Traffic | undefined {
    const of = (name: CounterName): Counter | undefined => this.#counters.get(name);
    const [hits, misses, pushed, pulled] = [of('hits'), of('misses'), of('pushedBytes'), of('pulledBytes')];
    if (!hits || !misses || !pushed || !pulled) return undefined;
    return {
      since: hits.since,
      hits: hits.total,
      misses: misses.total,
      servedBytes: pushed.total,
      fetchedBytes: pulled.total,
    };
  }

  /** All that is known, for `fleet/node-status`. */
  facts(
    rest: Pick<MirrorFacts, 'now' | 'intervalMs' | 'upstreamIntervalMs' | 'applied'> & {
      direct: ProbeResult | undefined;
      cacheBytes: number | undefined;
    },
  ): MirrorFacts {
    const { direct, cacheBytes, ...times } = rest;
    const traffic = this.#traffic();
    return {
      node: this.node,
      upstream: this.upstream,
      ...times,
      recentMs: this.#recentMs,
      ...(this.cached && { cached: this.cached }),
      ...(this.uncached && { uncached: this.uncached }),
      ...(direct && { direct }),
      ...(this.found && { atUpstream: this.found.answer }),
      ...(this.processAnswers !== undefined && { processAnswers: this.processAnswers }),
      ...(this.usualMs !== undefined && { usualMs: this.usualMs }),
      ...(this.#line.length > 0 && { line: this.#line }),
      ...(traffic && { traffic }),
      ...(cacheBytes !== undefined && { cacheBytes }),
    };
  }
}

/** A result as history keeps it; that nothing was there to be asked for is no measurement. */
export function sampleOf(
  series: { readonly node: string; readonly upstream: string },
  kind: Sample['kind'],
  result: ProbeResult,
): Sample | undefined {
  if (result.kind === 'empty') return undefined;
  const { node, upstream } = series;
  const { at } = result;
  if (result.kind === 'failed') return { node, upstream, kind, at, outcome: result.code };
  const { manifestMs, firstByteMs } = result;
  return {
    node,
    upstream,
    kind,
    at,
    outcome: 'ok',
    ...(manifestMs !== undefined && { manifestMs }),
    ...(firstByteMs !== undefined && { firstByteMs }),
  };
}
