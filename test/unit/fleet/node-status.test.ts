import { describe, expect, it } from 'vitest';
import type { MirrorState, MirrorView } from '../../../preload/contract/status.ts';
import { type MirrorFacts, type UpstreamAnswer, mirrorView, nodeView } from '../../../main/fleet/node-status.ts';
import { say } from '../../../main/terminal/sayings.ts';

const now = 1_795_600_000_000;
const minute = 60_000;
const hour = 60 * minute;

const well: MirrorFacts = {
  node: 'tokyo',
  upstream: 'docker.io',
  now,
  applied: true,
  intervalMs: 30_000,
  upstreamIntervalMs: 120_000,
  cached: { kind: 'ok', at: now - 5_000, manifestMs: 84, firstByteMs: 12 },
  uncached: { kind: 'ok', at: now - 60_000, manifestMs: 240 },
  direct: { kind: 'ok', at: now - 60_000, manifestMs: 310 },
  atUpstream: { kind: 'answered', at: now - 60_000, status: 200, ms: 190 },
  recentMs: [80, 84, 90],
};

const failed = (code: string, status?: number, at = now - 1_000) =>
  ({
    kind: 'failed',
    at,
    code,
    because: { code, ...(status !== undefined && { values: { status } }) },
    ...(status !== undefined && { status }),
  }) as const;

function answered(status: number, more: object = {}): UpstreamAnswer {
  return { kind: 'answered', at: now - 1_000, status, ms: 20, ...more };
}
const hub = (remaining: number) => ({ quota: { limit: 100, remaining, windowSeconds: 21_600 } });
const silent: UpstreamAnswer = { kind: 'silent', at: now - 1_000, why: 'no-answer' };

const table: readonly (readonly [string, Partial<MirrorFacts>, MirrorState, string | undefined])[] = [
  ['answers from its cache and at its upstream', {}, 'up', undefined],
  ['was never applied', { applied: false }, 'unknown', 'not applied yet'],
  ['was not asked yet', { cached: undefined as never, uncached: undefined as never }, 'unknown', 'not asked yet'],
  ['was last asked three intervals ago', { cached: { kind: 'ok', at: now - 90_000, manifestMs: 9 } }, 'up', undefined],
  [
    'was last asked more than three intervals ago',
    { cached: { kind: 'ok', at: now - 4 * minute, manifestMs: 9 } },
    'unknown',
    'last asked 4 min ago',
  ],
  ['failed long ago', { cached: failed('no-answer-in-time', undefined, now - hour) }, 'unknown', 'last asked 1 h ago'],
  ['refuses connections', { cached: failed('connection-refused') }, 'down', 'connection refused'],
  ['has an expired certificate', { cached: failed('certificate-expired') }, 'down', 'certificate expired'],
  ['answers 503 for what is cached', { cached: failed('answered', 503) }, 'down', '503'],
  [
    'is down while its upstream complains too',
    { cached: failed('connection-refused'), atUpstream: answered(429, hub(0)) },
    'down',
    'connection refused',
  ],
  [
    'is served by its twin alone',
    { processAnswers: false },
    'degraded',
    'the mirror does not answer, cached images are served by the offline twin',
  ],
  [
    'has used up its quota',
    { atUpstream: answered(200, hub(0)) },
    'degraded',
    '429, 0 of 100 pulls left, resets within 6 h',
  ],
  [
    'has used up its quota and is told when it resets',
    { atUpstream: answered(429, { ...hub(0), resetsInSeconds: 7_200 }) },
    'degraded',
    '429, 0 of 100 pulls left, resets in 2 h',
  ],
  [
    'used up its quota four hours ago',
    { atUpstream: answered(429, { ...hub(0), exhaustedSince: now - 4 * hour }) },
    'degraded',
    '429, 0 of 100 pulls left, resets within 2 h',
  ],
  ['is refused without any quota being named', { atUpstream: answered(429) }, 'degraded', '429, too many requests'],
  ['has few pulls left', { atUpstream: answered(200, hub(3)) }, 'up', undefined],
  [
    'is not let in by its upstream',
    { atUpstream: answered(401) },
    'degraded',
    '401 unauthorized from the upstream, cached images are served',
  ],
  [
    'has an upstream in trouble',
    { atUpstream: answered(503) },
    'degraded',
    '503 unavailable from the upstream, cached images are served',
  ],
  [
    'has an upstream that answers oddly',
    { atUpstream: answered(418) },
    'degraded',
    '418 from the upstream, cached images are served',
  ],
  [
    'has an upstream that hangs',
    { atUpstream: silent },
    'degraded',
    'upstream does not answer, cached images are served',
  ],
  ['had an upstream that hung long ago', { atUpstream: { ...silent, at: now - hour } }, 'up', undefined],
  [
    'could not be asked about its upstream',
    { atUpstream: { kind: 'unasked', at: now, because: { code: 'answered', values: { status: 404 } } } },
    'up',
    undefined,
  ],
  ['cannot look up a tag', { uncached: failed('answered-not-found', 404) }, 'degraded', 'new images: 404 not found'],
  ['could not look up a tag long ago', { uncached: failed('answered-not-found', 404, now - hour) }, 'up', undefined],
  ['has nothing cached but looked up a tag', { cached: { kind: 'empty', at: now }, recentMs: [] }, 'up', undefined],
  [
    'has nothing cached and proved nothing',
    { cached: { kind: 'empty', at: now }, uncached: undefined as never, recentMs: [] },
    'unknown',
    'nothing was pulled through it yet',
  ],
  [
    'has nothing cached and a stale proof',
    { cached: { kind: 'empty', at: now }, uncached: { kind: 'ok', at: now - hour, manifestMs: 9 }, recentMs: [] },
    'unknown',
    'nothing was pulled through it yet',
  ],
  [
    'has nothing cached and an upstream that refuses',
    { cached: { kind: 'empty', at: now }, atUpstream: answered(429, hub(0)) },
    'degraded',
    '429, 0 of 100 pulls left, resets within 6 h',
  ],
  ['is slower than anyone likes', { recentMs: [640, 700, 620] }, 'slow', '640 ms, slower than 500 ms'],
  ['was slow once', { recentMs: [80, 2_000, 90] }, 'up', undefined],
  ['is slower than a limit of its own', { recentMs: [120], slowMs: 100 }, 'slow', '120 ms, slower than 100 ms'],
  [
    'takes more than three times its usual',
    { recentMs: [100, 110, 120], usualMs: 30 },
    'slow',
    '110 ms, usually 30 ms',
  ],
  ['takes three times very little', { recentMs: [40], usualMs: 2 }, 'up', undefined],
  ['takes a little more than its usual', { recentMs: [80], usualMs: 30 }, 'up', undefined],
  [
    'is slow and its upstream refuses',
    { recentMs: [900], atUpstream: answered(429) },
    'degraded',
    '429, too many requests',
  ],
];

describe('a mirror', () => {
  it.each(table)('that %s', (_, change, state, reason) => {
    const facts = Object.fromEntries(Object.entries({ ...well, ...change }).filter(([, value]) => value !== undefined));
    const view = mirrorView(facts as unknown as MirrorFacts);
    expect({ state: view.state, reason: view.because && say(view.because) }).toEqual({ state, reason });
  });

  it('shows its three latencies, its quota, its traffic and when it was last seen', () => {
    const traffic = { since: now - hour, hits: 12, misses: 3, servedBytes: 9_000, fetchedBytes: 4_000 };
    expect(mirrorView({ ...well, atUpstream: answered(200, hub(76)), line: [80.04, null, 84], traffic })).toEqual({
      node: 'tokyo',
      upstream: 'docker.io',
      state: 'up',
      quota: { limit: 100, remaining: 76, windowSeconds: 21_600 },
      cached: { at: now - 5_000, manifestMs: 84, firstByteMs: 12 },
      uncached: { at: now - 60_000, manifestMs: 240 },
      direct: { at: now - 60_000, manifestMs: 310 },
      atUpstream: { at: now - 1_000, status: 200, ms: 20 },
      recentMs: [80, null, 84],
      traffic,
      hits: 12,
      misses: 3,
      at: now - 5_000,
    });
  });

  it('says in words why direct is no way', () => {
    const view = mirrorView({ ...well, direct: failed('connection-refused') });
    expect(view.direct).toBeUndefined();
    expect(view.directBecause).toEqual({ code: 'connection-refused' });
  });
});

describe('a node', () => {
  const mirror = (state: MirrorState): MirrorView => ({ node: 'tokyo', upstream: `${state}.io`, state, at: now });
  const node = { name: 'tokyo', address: 'tokyo.example', port: 443, applied: true, intervalMs: 30_000 };
  const disk = { totalBytes: 4e10, freeBytes: 2e10, totalInodes: 1e6, freeInodes: 9e5, cacheBytes: 1e10 };

  it.each<[string, MirrorState]>([
    ['up up', 'up'],
    ['up slow', 'slow'],
    ['up degraded slow', 'degraded'],
    ['up down', 'degraded'],
    ['down down', 'down'],
    ['down unknown', 'degraded'],
    ['up unknown', 'unknown'],
    ['slow unknown', 'unknown'],
    ['unknown unknown', 'unknown'],
    ['', 'unknown'],
  ])('whose mirrors are "%s" is %s', (states, expected) => {
    const mirrors = states
      .split(' ')
      .filter(Boolean)
      .map((state) => mirror(state as MirrorState));
    expect(nodeView({ ...node, mirrors }).state).toBe(expected);
  });

  it('that was never applied is unknown', () => {
    expect(nodeView({ ...node, applied: false, mirrors: [mirror('up')] }).state).toBe('unknown');
  });

  it.each([
    ['space', { ...disk, freeBytes: 100 * 1024 ** 2 }, '100 MB free'],
    ['inodes', { ...disk, freeInodes: 12 }, '12 free inodes'],
  ])('that is short of %s is degraded and says how to cure it', (_, short, words) => {
    const view = nodeView({ ...node, mirrors: [mirror('up')], disk: short });
    expect(view.state).toBe('degraded');
    expect(view.problem?.code).toBe('disk-nearly-full');
    expect(view.problem?.message).toContain(words);
    expect(view.problem?.hint).toContain('cache prune tokyo');
  });

  it('on a file system without inodes to count is not short of them', () => {
    const view = nodeView({ ...node, mirrors: [mirror('up')], disk: { ...disk, totalInodes: 0, freeInodes: 0 } });
    expect(view.state).toBe('up');
    expect(view.problem).toBeUndefined();
  });

  it('whose certificate runs out soon says so and stays up', () => {
    const view = nodeView({ ...node, mirrors: [mirror('up')], certificateDays: 6 });
    expect([view.state, view.problem?.code, view.certificateDays]).toEqual(['up', 'certificate-expires', 6]);
  });

  it('whose machine cannot be asked keeps the state of its mirrors', () => {
    const hostProblem = { code: 'host-unreachable', message: 'No.', hint: 'Wait.', retryable: true };
    const view = nodeView({ ...node, mirrors: [mirror('up')], hostProblem });
    expect([view.state, view.problem?.code]).toEqual(['up', 'host-unreachable']);
  });
});
