import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { complaintIn, failureOf } from '../../../main/monitor/failures.ts';
import { parseMachineFacts } from '../../../main/monitor/machine-facts.ts';
import type { UpstreamFound } from '../../../main/monitor/probe.ts';
import { parseQuota, parseRetryAfter } from '../../../main/monitor/rate-headers.ts';
import { revalidation } from '../../../main/monitor/revalidation.ts';
import { parseToken } from '../../../main/monitor/token-purse.ts';
import { say } from '../../../main/terminal/sayings.ts';

const now = Date.UTC(2026, 10, 25, 12);
const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;

describe("Docker Hub's rate headers", () => {
  it.each([
    [
      { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' },
      { limit: 100, remaining: 76, windowSeconds: 21_600 },
    ],
    [
      { 'ratelimit-limit': '200;w=21600', 'ratelimit-remaining': '0' },
      { limit: 200, remaining: 0, windowSeconds: 21_600 },
    ],
    [
      { 'ratelimit-limit': '100', 'ratelimit-remaining': '3;w=60' },
      { limit: 100, remaining: 3, windowSeconds: 60 },
    ],
    [
      { 'ratelimit-limit': '100', 'ratelimit-remaining': '3' },
      { limit: 100, remaining: 3, windowSeconds: 0 },
    ],
    [
      { 'ratelimit-limit': ' 100 ; w=60 ', 'ratelimit-remaining': '3;w=60;comment=x' },
      { limit: 100, remaining: 3, windowSeconds: 60 },
    ],
    [
      { 'ratelimit-limit': '100;policy=x', 'ratelimit-remaining': '3' },
      { limit: 100, remaining: 3, windowSeconds: 0 },
    ],
    [
      { 'ratelimit-limit': '100;xw=60', 'ratelimit-remaining': '3;w=60x' },
      { limit: 100, remaining: 3, windowSeconds: 0 },
    ],
    [{ 'ratelimit-limit': '100 a day', 'ratelimit-remaining': '3' }, undefined],
    [{ 'ratelimit-limit': 'x100', 'ratelimit-remaining': '3' }, undefined],
    [{ 'ratelimit-limit': '100;w=60' }, undefined],
    [{ 'ratelimit-remaining': '76;w=21600' }, undefined],
    [{ 'ratelimit-limit': 'many', 'ratelimit-remaining': '1' }, undefined],
    [{}, undefined],
  ])('%j are %j', (headers, expected) => {
    expect(parseQuota(headers)).toEqual(expected);
  });

  it.each([
    [{ 'retry-after': '7200' }, 7_200],
    [{ 'retry-after': 'Wed, 25 Nov 2026 14:00:00 GMT' }, 7_200],
    [{ 'retry-after': 'Wed, 25 Nov 2026 10:00:00 GMT' }, 0],
    [{ 'ratelimit-reset': '60' }, 60],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': ' 30 ', 'ratelimit-reset': '60' }, 30],
    [{ 'retry-after': '2026' }, 2026],
    [{ 'retry-after': '20.26' }, undefined],
    [{ 'retry-after': '9999999999' }, undefined],
    [{ 'retry-after': '+2030' }, undefined],
    [{ 'retry-after': 'Wed, 25 Nov 2026 12:00:01 GMT' }, 1],
    [{ 'retry-after': 'WED, 25 NOV 2026 12:00:02 GMT' }, 2],
    [{}, undefined],
  ])('%j mean %j seconds', (headers, expected) => {
    expect(parseRetryAfter(headers, now)).toBe(expected);
  });
});

describe('a token', () => {
  it.each([
    ['{"token":"t","expires_in":300}', now + 300_000],
    ['{"access_token":"t"}', now + 60_000],
  ])('is read from %s', (body, until) => {
    const found = parseToken(body, now);
    expect([found?.token.reveal(), found?.until]).toEqual(['t', until]);
    expect(JSON.stringify(found)).not.toContain('"t"');
  });

  it.each(['', 'null', '[]', '{"token":""}', '{"token":5}'])('is not read from %s', (body) => {
    expect(parseToken(body, now)).toBeUndefined();
  });
});

describe('a failed request in few words', () => {
  const problem = (code: string, cause?: string) =>
    new ProblemError({
      code,
      message: 'tokyo:443 said no. More.',
      hint: 'h',
      retryable: true,
      ...(cause !== undefined && { detail: { cause } }),
    });

  it.each([
    [problem('connection-refused', 'ECONNREFUSED'), 'connection refused'],
    [problem('tls-untrusted', 'CERT_HAS_EXPIRED'), 'certificate expired'],
    [problem('tls-untrusted', 'SOMETHING_NEW'), 'certificate not trusted'],
    [problem('timeout'), 'no answer in time'],
    [problem('quite-new'), 'tokyo:443 said no'],
    [Object.assign(new Error('connect'), { code: 'ENOTFOUND' }), 'name not found'],
    [new AggregateError([Object.assign(new Error('a'), { code: 'ECONNREFUSED' })]), 'connection refused'],
    [new Error('odd thing\nat x'), 'odd thing'],
    ['text', 'text'],
  ])('%s is "%s"', (error, reason) => {
    expect(say(failureOf(error).because)).toBe(reason);
  });

  it.each([
    ['{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{}}]}', 'application/json', '500 unknown error'],
    ['no healthy upstream', 'text/plain', '500 no healthy upstream'],
    ['<html>…', 'text/html', '500'],
    ['', undefined, '500'],
  ])('of the body %s', (body, type, words) => {
    const answer = { status: 500, headers: { 'content-type': type }, body, firstByteMs: 1, totalMs: 1 };
    expect(say(complaintIn(answer))).toBe(words);
  });
});

describe('what the machine printed', () => {
  it('gives disk, inodes and one cached image for each upstream', () => {
    const text = [
      'Welcome to tokyo!',
      'disk\t40000\t20000',
      'inodes\t100\t90',
      `cached\tdocker.io\tlibrary/busybox\tlatest\t${digest}\t${other}`,
      `cached\tregistry.example_5000\tteam/app\tv1\t${digest}\t`,
      `cached\tghcr.io\tx\ty\tnot-a-digest\t`,
      `cached\tnobody.io\tx\ty\t${digest}\t`,
      '',
    ].join('\n');
    const facts = parseMachineFacts(text, ['docker.io', 'ghcr.io', 'registry.example:5000']);
    expect({ ...facts, cached: Object.fromEntries(facts.cached) }).toEqual({
      totalBytes: 40_000,
      freeBytes: 20_000,
      totalInodes: 100,
      freeInodes: 90,
      unreadable: false,
      cached: {
        'docker.io': { repository: 'library/busybox', tag: 'latest', manifest: digest, blob: other },
        'registry.example:5000': { repository: 'team/app', tag: 'v1', manifest: digest },
      },
    });
  });

  it('says when the cache could not be seen, and takes a file system without inodes for one', () => {
    const facts = parseMachineFacts('disk\t4\t2\ninodes\t-\t-\nunreadable\n', []);
    expect([facts.unreadable, facts.totalInodes]).toEqual([true, 0]);
  });
});

describe('a HEAD by tag through the mirror', () => {
  const image = { repository: 'library/busybox', tag: 'latest' };
  const upstream = (status: number, remaining?: number, at: string = digest): UpstreamFound => ({
    answer: {
      kind: 'answered',
      at: now,
      status,
      ms: 1,
      ...(remaining !== undefined && { quota: { limit: 100, remaining, windowSeconds: 21_600 } }),
    },
    digest: at,
  });
  const cached = { ...image, manifest: digest };
  const hour = 3_600_000;

  it.each([
    ['is free where the cached digest is the upstream’s', cached, upstream(200, 0), undefined, 'free'],
    ['costs a pull where the tag has moved', cached, upstream(200, 90, other), undefined, 'pull'],
    ['costs a pull where nothing is cached', undefined, upstream(200), undefined, 'pull'],
    ['costs a pull where something else is cached', { ...cached, tag: 'v1' }, upstream(200), undefined, 'pull'],
    ['waits after a pull', undefined, upstream(200), now - hour, 'not-now'],
    ['is worth a pull again after six hours', undefined, upstream(200), now - 6 * hour, 'pull'],
    ['costs a pull where another image is cached', { ...cached, repository: 'x' }, upstream(200), undefined, 'pull'],
    ['is not worth a pull a moment before', undefined, upstream(200), now - 6 * hour + 1, 'not-now'],
    ['leaves the last pulls to people', undefined, upstream(200, 10), undefined, 'not-now'],
    ['takes one while people have more than that', undefined, upstream(200, 11), undefined, 'pull'],
    ['is not sent while the upstream refuses', cached, upstream(429, 0), undefined, 'not-now'],
    ['is not sent while the upstream says no in any way', cached, upstream(400), undefined, 'not-now'],
    [
      'is not sent while the upstream is silent',
      cached,
      { answer: { kind: 'silent', at: now, why: 'no-answer' }, digest } satisfies UpstreamFound,
      undefined,
      'not-now',
    ],
    ['is not sent while the upstream was not asked', cached, undefined, undefined, 'not-now'],
  ])('%s', (_, found, at, lastPullAt, expected) => {
    expect(revalidation({ now, image, cached: found, upstream: at, lastPullAt })).toBe(expected);
  });

  it('costs a pull where the upstream did not say which digest the tag has: it may be another than the cached one', () => {
    const { answer } = upstream(200);
    expect(revalidation({ now, image, cached, upstream: { answer }, lastPullAt: undefined })).toBe('pull');
  });
});
