import { describe, expect, it } from 'vitest';
import { type MirrorFacts, type NodeFacts, mirrorView, nodeView } from '../../../main/fleet/node-status.ts';
import type { MirrorView } from '../../../preload/contract/status.ts';

const now = 1_795_600_000_000;
const mirror: MirrorFacts = {
  node: 'tokyo',
  upstream: 'docker.io',
  now,
  applied: true,
  intervalMs: 30_000,
  upstreamIntervalMs: 120_000,
  recentMs: [],
};
const cached = { kind: 'ok', at: now, manifestMs: 9 } as const;

describe('a mirror view', () => {
  it('of which nothing is known has nothing but its name and its state', () => {
    expect(mirrorView(mirror)).toStrictEqual({
      node: 'tokyo',
      upstream: 'docker.io',
      state: 'unknown',
      because: { code: 'not-asked' },
    });
  });

  it('has the bytes of its cache, even where these are none', () => {
    expect(mirrorView({ ...mirror, cacheBytes: 0 }).cacheBytes).toBe(0);
  });

  it('was last seen when the later of its two questions was answered', () => {
    expect(mirrorView({ ...mirror, cached: { ...cached, at: now - 9 } }).at).toBe(now - 9);
    expect(mirrorView({ ...mirror, uncached: { ...cached, at: now - 7 } }).at).toBe(now - 7);
    const both = { cached: { ...cached, at: now - 9 }, uncached: { ...cached, at: now - 7 } };
    expect(mirrorView({ ...mirror, ...both }).at).toBe(now - 7);
  });

  it('shows of a request only the times that were measured', () => {
    expect(mirrorView({ ...mirror, cached: { kind: 'ok', at: now } }).cached).toStrictEqual({ at: now });
    expect(mirrorView({ ...mirror, cached: { kind: 'ok', at: now, firstByteMs: 3 } }).cached).toStrictEqual({
      at: now,
      firstByteMs: 3,
    });
  });

  it.each([
    ['answered', { kind: 'answered', at: now, status: 503, ms: 7 } as const, { at: now, status: 503, ms: 7 }],
    [
      'does not answer',
      { kind: 'silent', at: now, why: 'no-answer' } as const,
      { at: now, because: { code: 'does-not-answer' } },
    ],
    [
      'cannot be reached',
      { kind: 'silent', at: now, why: 'unreachable' } as const,
      { at: now, because: { code: 'not-reachable-from-node' } },
    ],
    [
      'was not asked',
      { kind: 'unasked', at: now, because: { code: 'answered' } } as const,
      { at: now, because: { code: 'answered' } },
    ],
  ])('says of an upstream that it %s', (_, atUpstream, view) => {
    expect(mirrorView({ ...mirror, atUpstream }).atUpstream).toStrictEqual(view);
  });

  it.each([
    [400, 'upstream-status'],
    [401, 'upstream-unauthorized'],
    [403, 'upstream-forbidden'],
    [404, 'upstream-not-found'],
    [500, 'upstream-internal-error'],
    [502, 'upstream-bad-gateway'],
    [503, 'upstream-unavailable'],
    [504, 'upstream-gateway-timeout'],
  ])('has a sentence for %i of its upstream', (status, code) => {
    const atUpstream = { kind: 'answered', at: now, status, ms: 7 } as const;
    expect(mirrorView({ ...mirror, cached, atUpstream }).because).toEqual({ code, values: { status } });
  });

  it.each([
    ['cannot be reached', 'unreachable', 'upstream-unreachable'],
    ['does not answer', 'no-answer', 'upstream-no-answer'],
  ] as const)('is degraded where its upstream %s', (_, why, code) => {
    expect(mirrorView({ ...mirror, cached, atUpstream: { kind: 'silent', at: now, why } })).toMatchObject({
      state: 'degraded',
      because: { code },
    });
  });

  it.each([
    ['500 ms are not slow for anyone', [500], undefined, 'up'],
    ['501 ms are', [501], undefined, 'slow'],
    ['50 ms are never slow for it, whatever its usual', [50], 2, 'up'],
    ['51 ms are where three times its usual is less', [51], 16, 'slow'],
    ['three times its usual is not yet slow', [90], 30, 'up'],
    ['without a usual of its own it is slow only for anyone', [400], undefined, 'up'],
  ] as const)('%s', (_, recentMs, usualMs, state) => {
    const usual = usualMs === undefined ? {} : { usualMs };
    expect(mirrorView({ ...mirror, cached, recentMs, ...usual }).state).toBe(state);
  });

  it('believes what it was told of its upstream for three intervals to the millisecond', () => {
    const told = (ago: number) => ({ kind: 'silent', at: now - ago, why: 'no-answer' }) as const;
    expect(mirrorView({ ...mirror, cached, atUpstream: told(360_000) }).state).toBe('degraded');
    expect(mirrorView({ ...mirror, cached, atUpstream: told(360_001) }).state).toBe('up');
  });
});

describe('a node view', () => {
  const up: MirrorView = { node: 'tokyo', upstream: 'docker.io', state: 'up', at: now - 3 };
  const node: NodeFacts = {
    name: 'tokyo',
    address: 'tokyo.example',
    port: 443,
    applied: true,
    mirrors: [up],
    intervalMs: 30_000,
  };
  const disk = { totalBytes: 4e10, freeBytes: 2e10, totalInodes: 1e6, freeInodes: 9e5, cacheBytes: 1e10 };

  it('of which little is known has nothing that is not known', () => {
    expect(nodeView({ ...node, mirrors: [] })).toStrictEqual({
      name: 'tokyo',
      kind: 'ssh',
      address: 'tokyo.example',
      port: 443,
      state: 'unknown',
      applied: true,
      mirrors: [],
      staleAfterMs: 90_000,
    });
  });

  it('shows all that is known', () => {
    const known = {
      disk,
      certificateDays: 40,
      destination: 'root@tokyo.example',
      appliedAt: now - 100,
      forecast: { bytesPerDay: 1, measuredDays: 2 },
      programs: [{ name: 'envoy', running: '1.37.0' }],
      drift: { files: 1 },
    } as unknown as Partial<NodeFacts>;
    expect(nodeView({ ...node, ...known })).toStrictEqual({
      name: 'tokyo',
      kind: 'ssh',
      address: 'tokyo.example',
      port: 443,
      state: 'up',
      applied: true,
      mirrors: [up],
      staleAfterMs: 90_000,
      seenAt: now - 3,
      ...known,
    });
  });

  it('was seen when the last of its mirrors was; one that was never seen does not count', () => {
    const { at: _, ...never } = up;
    expect(nodeView({ ...node, mirrors: [{ ...up, at: 5 }, never, { ...up, at: 7 }, { ...up, at: 6 }] }).seenAt).toBe(
      7,
    );
    expect(nodeView({ ...node, mirrors: [never] })).not.toHaveProperty('seenAt');
  });

  it.each([
    ['half a gibibyte free', { freeBytes: 512 * 1024 ** 2 }, undefined],
    ['a byte less', { freeBytes: 512 * 1024 ** 2 - 1 }, '511 MB free'],
    ['5,000 inodes free', { freeInodes: 5_000 }, undefined],
    ['an inode less', { freeInodes: 4_999 }, '4999 free inodes'],
  ])('with %s', (_, change, words) => {
    const { state, problem } = nodeView({ ...node, disk: { ...disk, ...change } });
    expect([state, problem?.retryable]).toEqual(words === undefined ? ['up', undefined] : ['degraded', false]);
    expect(problem?.message ?? '').toContain(words ?? '');
  });

  it('with a full disk is degraded where it was slow, and stays what it was where that is worse', () => {
    const full = { ...disk, freeBytes: 0 };
    const state = (mirrors: MirrorView[]) => nodeView({ ...node, mirrors, disk: full }).state;
    expect(state([{ ...up, state: 'slow' }])).toBe('degraded');
    expect(state([{ ...up, state: 'down' }])).toBe('down');
    expect(state([{ ...up, state: 'unknown' }])).toBe('unknown');
  });

  it.each([
    [14, undefined],
    [13, 'The certificate of tokyo expires in 13 days.'],
    [1, 'The certificate of tokyo expires in 1 days.'],
    [0, 'The certificate of tokyo has expired.'],
    [-3, 'The certificate of tokyo has expired.'],
  ])('with a certificate of %i days says so in time, and how to renew it', (certificateDays, message) => {
    const { problem } = nodeView({ ...node, certificateDays });
    expect(problem?.message).toBe(message);
    expect(problem).toEqual(
      message === undefined
        ? undefined
        : {
            code: 'certificate-expires',
            message,
            hint: 'Renew it with "mirrorfleet node apply tokyo".',
            retryable: false,
          },
    );
  });

  it('speaks of a full disk before its certificate, and of that before its machine', () => {
    const hostProblem = { code: 'host-unreachable', message: 'No.', hint: 'Wait.', retryable: true };
    const code = (facts: Partial<NodeFacts>) => nodeView({ ...node, hostProblem, ...facts }).problem?.code;
    expect(code({ certificateDays: 1, disk: { ...disk, freeBytes: 0 } })).toBe('disk-nearly-full');
    expect(code({ certificateDays: 1 })).toBe('certificate-expires');
    expect(code({})).toBe('host-unreachable');
  });
});
