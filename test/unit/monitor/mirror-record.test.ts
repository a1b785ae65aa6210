import { describe, expect, it, test } from 'vitest';
import { recentProbes } from '../../../preload/contract/status.ts';
import { type ProbeResult, mirrorView } from '../../../main/fleet/node-status.ts';
import { MirrorRecord, sampleOf } from '../../../main/monitor/mirror-record.ts';
import type { UpstreamFound } from '../../../main/monitor/probe.ts';
import type { Counter, CounterName, Sample } from '../../../main/store/history.ts';

const [node, upstream] = ['tokyo', 'docker.io'];
const recordOf = (known: { counters?: readonly Counter[]; samples?: readonly Sample[] } = {}): MirrorRecord =>
  new MirrorRecord(node, upstream, { counters: [], samples: [], ...known });

const rest = {
  now: 1_000,
  intervalMs: 30_000,
  upstreamIntervalMs: 60_000,
  applied: true,
  direct: undefined,
  cacheBytes: undefined,
};
const ok = (manifestMs: number, at = 1): Extract<ProbeResult, { kind: 'ok' }> => ({ kind: 'ok', at, manifestMs });
const failed: ProbeResult = { kind: 'failed', at: 2, code: 'timeout', because: { code: 'no-answer-in-time' } };
const empty: ProbeResult = { kind: 'empty', at: 3 };

const names: readonly CounterName[] = ['hits', 'misses', 'pulledBytes', 'pushedBytes'];
/** What the mirror's program shows, in the order of {@link names}. */
const shows = (hits: number, misses: number, pulledBytes: number, pushedBytes: number, startedAt?: number) => ({
  counted: new Map(names.map((name, at) => [name, [hits, misses, pulledBytes, pushedBytes][at] ?? 0])),
  ...(startedAt !== undefined && { startedAt }),
});
const totals = (counters: readonly Counter[]): Record<string, number> =>
  Object.fromEntries(counters.map(({ name, total }) => [name, total]));

const answered = (
  at: number,
  status: number,
  remaining?: number,
): UpstreamFound & { answer: { kind: 'answered' } } => ({
  answer: {
    kind: 'answered',
    at,
    status,
    ms: 12,
    ...(remaining !== undefined && { quota: { limit: 100, remaining, windowSeconds: 21_600 } }),
  },
});

describe('what our own probes make a mirror count is nobody’s pull', () => {
  it.each<[string, (record: MirrorRecord) => void, Record<CounterName, number>]>([
    [
      'a cached manifest is one hit',
      (record) => record.tookCached({ ...ok(5), countedBytes: 100 }),
      { hits: 99, misses: 100, pulledBytes: 1_000, pushedBytes: 900 },
    ],
    [
      'a manifest and the first byte of a layer are two',
      (record) => record.tookCached({ ...ok(5), firstByteMs: 2, countedBytes: 300 }),
      { hits: 98, misses: 100, pulledBytes: 1_000, pushedBytes: 700 },
    ],
    [
      'a tag that was looked up and is cached is a hit',
      (record) => record.tookUncached({ ...ok(5), countedBytes: 50 }, false),
      { hits: 99, misses: 100, pulledBytes: 1_000, pushedBytes: 950 },
    ],
    [
      'a tag that the mirror had to fetch is a miss, and came from the upstream',
      (record) => record.tookUncached({ ...ok(5), countedBytes: 50 }, true),
      { hits: 100, misses: 99, pulledBytes: 950, pushedBytes: 950 },
    ],
    [
      'a request that failed, or for which nothing was there, was not counted',
      (record) => {
        for (const result of [failed, empty]) {
          record.tookCached(result);
          record.tookUncached(result, true);
        }
      },
      { hits: 100, misses: 100, pulledBytes: 1_000, pushedBytes: 1_000 },
    ],
    [
      'of what was asked the mirror may say no length',
      (record) => {
        record.tookCached(ok(5));
        record.tookUncached(ok(5), true);
      },
      { hits: 99, misses: 99, pulledBytes: 1_000, pushedBytes: 1_000 },
    ],
  ])('%s', (_, probes, expected) => {
    const record = recordOf();
    probes(record);
    expect(totals(record.tookCounters(shows(100, 100, 1_000, 1_000), 5))).toEqual(expected);
  });

  test('and is taken off once, also where the mirror counts it only later', () => {
    const record = recordOf();
    record.tookCounters(shows(10, 0, 0, 0), 1);
    for (const ms of [5, 6, 7]) record.tookCached(ok(ms));
    expect(totals(record.tookCounters(shows(11, 0, 0, 0), 2))['hits']).toBe(10);
    expect(totals(record.tookCounters(shows(13, 0, 0, 0), 3))['hits']).toBe(10);
    expect(totals(record.tookCounters(shows(20, 0, 0, 0), 4))['hits']).toBe(17);
  });
});

describe('what a mirror counts', () => {
  test('goes on from what history holds of this mirror, and of no other', () => {
    const counter = (name: CounterName, of: string): Counter => ({
      node,
      upstream: of,
      name,
      at: 1,
      raw: 40,
      total: 500,
      since: 7,
    });
    const record = recordOf({ counters: [counter('hits', upstream), counter('misses', 'ghcr.io')] });
    const counters = record.tookCounters(shows(45, 45, 0, 0), 9);
    expect(counters[0]).toStrictEqual({ node, upstream, name: 'hits', at: 9, raw: 45, total: 505, since: 7 });
    expect(counters[1]).toEqual({ node, upstream, name: 'misses', at: 9, raw: 45, total: 45, since: 9 });
  });

  test('is counted since its program started, where that says so, and goes on when another one does', () => {
    const record = recordOf();
    const [first] = record.tookCounters(shows(45, 0, 0, 0, 1_000), 90_000);
    expect(first).toMatchObject({ total: 45, since: 1_000, startedAt: 1_000 });
    const [next] = record.tookCounters(shows(50, 0, 0, 0, 100_000), 200_000);
    expect(next).toMatchObject({ total: 95, since: 1_000, startedAt: 100_000 });
  });

  test('is shown when all of it is known', () => {
    const record = recordOf();
    expect(record.facts(rest).traffic).toBeUndefined();
    for (const missing of names) {
      const partly = recordOf();
      const { counted } = shows(1, 2, 3, 4);
      counted.delete(missing);
      partly.tookCounters({ counted }, 5);
      expect(partly.facts(rest).traffic).toBeUndefined();
    }
    record.tookCounters(shows(1, 2, 3, 4), 5);
    expect(record.facts(rest).traffic).toEqual({ since: 5, hits: 1, misses: 2, fetchedBytes: 3, servedBytes: 4 });
  });
});

describe('the present speed of a mirror', () => {
  const speedsAfter = (...results: readonly ProbeResult[]): readonly number[] => {
    const record = recordOf();
    for (const result of results) record.tookCached(result);
    return record.facts(rest).recentMs;
  };

  it.each<[string, readonly ProbeResult[], readonly number[]]>([
    ['is that of its last five answers', [1, 2, 3, 4, 5, 6].map((ms) => ok(ms)), [2, 3, 4, 5, 6]],
    ['begins anew after a failure', [ok(900), failed, ok(5)], [5]],
    ['stays while nothing is cached that could be asked for', [ok(5), empty], [5]],
    ['is not known of an answer that was not timed', [ok(5), { kind: 'ok', at: 1 }], [5]],
  ])('%s', (_, results, expected) => {
    expect(speedsAfter(...results)).toEqual(expected);
  });

  test('of a mirror that was just begun is not known, whatever history holds', () => {
    const sample: Sample = { node, upstream, kind: 'cached', at: 1, outcome: 'ok', manifestMs: 5 };
    expect(recordOf({ samples: [sample] }).facts(rest).recentMs).toEqual([]);
  });
});

describe('the line of the last probes', () => {
  test('goes on from history, has a gap for each failure, and none for what was no measurement', () => {
    const sample: Sample = { node, upstream, kind: 'cached', at: 1, outcome: 'ok', manifestMs: 7 };
    const record = recordOf({ samples: [sample, { node, upstream, kind: 'cached', at: 2, outcome: 'timeout' }] });
    for (const result of [ok(8), failed, empty, ok(9)]) record.tookCached(result);
    expect(record.facts(rest).line).toEqual([7, null, 8, null, 9]);
  });

  test('has so many at most, the newest', () => {
    const samples = Array.from({ length: recentProbes + 5 }, (_, at): Sample => {
      return { node, upstream, kind: 'cached', at, outcome: 'ok', manifestMs: at };
    });
    const record = recordOf({ samples });
    expect(record.facts(rest).line).toEqual(Array.from({ length: recentProbes }, (_, at) => at + 5));
    record.tookCached(ok(99));
    expect(record.facts(rest).line).toHaveLength(recentProbes);
    expect(record.facts(rest).line?.at(-1)).toBe(99);
  });

  test('is not there before the first probe', () => {
    expect(recordOf().facts(rest)).not.toHaveProperty('line');
  });
});

describe('what a node was told by its upstream', () => {
  it.each<[UpstreamFound, Partial<Sample> | undefined]>([
    [answered(4, 200), { at: 4, outcome: 'ok', manifestMs: 12 }],
    [answered(4, 399), { outcome: 'ok' }],
    [answered(4, 400), { outcome: '400', manifestMs: 12 }],
    [answered(4, 503), { outcome: '503' }],
    [answered(4, 429, 0), { outcome: '429' }],
    [{ answer: { kind: 'silent', at: 4, why: 'no-answer' } }, { at: 4, outcome: 'silent' }],
    [{ answer: { kind: 'unasked', at: 4, because: { code: 'no-route' } } }, undefined],
  ])('%j is kept as %j', (found, expected) => {
    const record = recordOf();
    const sample = record.tookUpstream(found);
    if (expected === undefined) expect(sample).toBeUndefined();
    else expect(sample).toMatchObject({ node, upstream, kind: 'upstream', ...expected });
    expect(record.found?.answer).toMatchObject(found.answer);
  });

  const since = (...answers: readonly UpstreamFound[]): number | undefined => {
    const record = recordOf();
    for (const answer of answers) record.tookUpstream(answer);
    const told = record.found?.answer;
    return told?.kind === 'answered' ? told.exhaustedSince : undefined;
  };
  const silent: UpstreamFound = { answer: { kind: 'silent', at: 20, why: 'no-answer' } };

  it.each<[string, readonly UpstreamFound[], number | undefined]>([
    ['from the first refusal on', [answered(10, 429), answered(30, 429)], 10],
    ['from when no pull was left, although it still answers', [answered(10, 200, 0), answered(30, 429)], 10],
    ['whatever silence came between', [answered(10, 429), silent, answered(30, 429)], 10],
    ['anew after it answered well', [answered(10, 429), answered(20, 200, 1), answered(30, 200, 0)], 30],
    ['not while a pull is left', [answered(10, 200, 1)], undefined],
  ])('its quota is used up %s', (_, answers, expected) => {
    expect(since(...answers)).toBe(expected);
  });

  test('with the digest of the tag, also while its quota is used up', () => {
    const record = recordOf();
    record.tookUpstream({ ...answered(10, 200, 0), digest: 'sha256:x' });
    expect(record.found?.digest).toBe('sha256:x');
  });
});

describe('a clock that was set back', () => {
  const filled = (): MirrorRecord => {
    const record = recordOf();
    record.tookCached(ok(5, 100));
    record.tookUncached(ok(5, 100), false);
    record.tookUpstream(answered(100, 200));
    record.lastPullAt = 100;
    return record;
  };

  test('leaves nothing that seems to be measured later than now: it would be green for as long', () => {
    const record = filled();
    record.forgetAfter(99);
    expect([record.cached, record.uncached, record.found, record.lastPullAt]).toEqual([
      undefined,
      undefined,
      undefined,
      99,
    ]);
    expect(mirrorView(record.facts(rest)).state).toBe('unknown');
  });

  test('leaves what was measured until now', () => {
    const record = filled();
    record.forgetAfter(100);
    expect([record.cached?.at, record.uncached?.at, record.found?.answer.at, record.lastPullAt]).toEqual([
      100, 100, 100, 100,
    ]);
    const earlier = filled();
    earlier.forgetAfter(150);
    expect([earlier.cached?.at, earlier.found?.answer.at, earlier.lastPullAt]).toEqual([100, 100, 100]);
    const untouched = recordOf();
    untouched.forgetAfter(0);
    expect(untouched.lastPullAt).toBeUndefined();
  });

  test('does not make a used-up quota last longer than its window', () => {
    const record = recordOf();
    const hours = (count: number): number => count * 3_600_000;
    record.tookUpstream(answered(hours(20), 429, 0));
    record.forgetAfter(hours(10));
    record.tookCached(ok(5, hours(10)));
    record.tookUpstream(answered(hours(10), 429, 0));
    expect(mirrorView(record.facts({ ...rest, now: hours(10) })).because).toEqual({
      code: 'quota-left-resets-within',
      values: { remaining: 0, limit: 100, resetsMs: hours(6) },
    });
  });

  test('does not begin a quota anew that was used up before', () => {
    const record = recordOf();
    record.tookUpstream(answered(50, 429, 0));
    record.tookUpstream(answered(100, 429, 0));
    record.forgetAfter(80);
    record.tookUpstream(answered(80, 429, 0));
    expect(record.found?.answer).toMatchObject({ exhaustedSince: 50 });
  });
});

describe('what is known of a mirror', () => {
  test('is, before anything was asked, where it is and nothing else', () => {
    const { direct: _, cacheBytes: __, ...times } = rest;
    expect(recordOf().facts(rest)).toStrictEqual({ node, upstream, ...times, recentMs: [] });
  });

  test('is all that was found', () => {
    const record = recordOf();
    record.tookCached(ok(5));
    record.tookUncached(failed, false);
    record.tookUpstream({ answer: { kind: 'silent', at: 4, why: 'unreachable' } });
    record.processAnswers = false;
    record.usualMs = 0;
    expect(record.facts({ ...rest, direct: ok(200), cacheBytes: 0 })).toMatchObject({
      cached: ok(5),
      uncached: failed,
      direct: ok(200),
      atUpstream: { kind: 'silent', at: 4, why: 'unreachable' },
      processAnswers: false,
      usualMs: 0,
      cacheBytes: 0,
    });
  });
});

describe('a result in history', () => {
  const series = { node, upstream };
  it.each<[string, ProbeResult, Sample | undefined]>([
    [
      'has both times where both were measured',
      { kind: 'ok', at: 1, manifestMs: 5, firstByteMs: 0 },
      { ...series, kind: 'direct', at: 1, outcome: 'ok', manifestMs: 5, firstByteMs: 0 },
    ],
    ['has no time where none was measured', { kind: 'ok', at: 1 }, { ...series, kind: 'direct', at: 1, outcome: 'ok' }],
    ['has the code of a failure', failed, { ...series, kind: 'direct', at: 2, outcome: 'timeout' }],
    ['is none where nothing was there to be asked for', empty, undefined],
  ])('%s', (_, result, expected) => {
    expect(sampleOf(series, 'direct', result)).toStrictEqual(expected);
  });

  test('is of the kind that was asked', () => {
    const record = recordOf();
    expect(record.tookCached(ok(5))?.kind).toBe('cached');
    expect(record.tookUncached(ok(5), false)?.kind).toBe('uncached');
  });
});
