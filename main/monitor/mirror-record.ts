import type { MirrorFacts, ProbeResult } from '../fleet/node-status.ts';
import type { Counter, CounterName, Sample } from '../store/history.ts';
import { countOn } from './metrics.ts';
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
  #ownRequests = 0;
  readonly #counters = new Map<CounterName, Pick<Counter, 'raw' | 'total'>>();

  constructor(node: string, upstream: string, counters: readonly Counter[]) {
    this.node = node;
    this.upstream = upstream;
    for (const each of counters) if (each.upstream === upstream) this.#counters.set(each.name, each);
  }

  tookCached(result: ProbeResult): Sample | undefined {
    this.cached = result;
    if (result.kind === 'ok') {
      this.#ownRequests += result.firstByteMs === undefined ? 1 : 2;
      if (result.manifestMs !== undefined) this.#recentMs = [...this.#recentMs, result.manifestMs].slice(-recentCount);
    } else if (result.kind === 'failed') {
      this.#recentMs = [];
    }
    return sampleOf(this, 'cached', result);
  }

  tookUncached(result: ProbeResult): Sample | undefined {
    this.uncached = result;
    if (result.kind === 'ok') this.#ownRequests += 1;
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

  /** Takes in what the mirror counts; gives the counters as they now stand. */
  tookCounters(readings: ReadonlyMap<CounterName, number>, at: number): Counter[] {
    const { node, upstream } = this;
    return [...readings].map(([name, reading]) => {
      const own = name === 'hits' ? this.#ownRequests : 0;
      const { raw, total, ownLeft } = countOn(this.#counters.get(name), reading, own);
      if (name === 'hits') this.#ownRequests = ownLeft;
      this.#counters.set(name, { raw, total });
      return { node, upstream, name, at, raw, total };
    });
  }

  /** All that is known, for `fleet/node-status`. */
  facts(
    rest: Pick<MirrorFacts, 'now' | 'intervalMs' | 'upstreamIntervalMs' | 'applied'> & {
      direct: ProbeResult | undefined;
    },
  ): MirrorFacts {
    const { direct, ...times } = rest;
    const hits = this.#counters.get('hits')?.total;
    const misses = this.#counters.get('misses')?.total;
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
      ...(hits !== undefined && { hits }),
      ...(misses !== undefined && { misses }),
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
