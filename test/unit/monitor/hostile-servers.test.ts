import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEdgeLogLine } from '../../../main/fleet/edge-log.ts';
import { foldPulls } from '../../../main/fleet/pulls.ts';
import { complaintIn, failureOf, refusalOf } from '../../../main/monitor/failures.ts';
import { parseInspection } from '../../../main/monitor/inspection.ts';
import { parseCacheSizes, parseMachineFacts } from '../../../main/monitor/machine-facts.ts';
import { parsePrometheus } from '../../../main/monitor/prometheus.ts';
import { parseQuota, parseRetryAfter } from '../../../main/monitor/rate-headers.ts';
import { parseToken } from '../../../main/monitor/token-purse.ts';
import { pullSchema } from '../../../preload/contract/history.ts';
import { sayingSchema } from '../../../preload/contract/saying.ts';

const binary = fc.string({ unit: 'binary', maxLength: 200 });
/** Lines of words with tabs between, some of them the ones that are looked for, some of JavaScript's own. */
const lines = (...known: readonly string[]) =>
  fc
    .array(
      fc.array(fc.oneof(fc.constantFrom(...known, '__proto__', 'constructor', 'toString', '', '-1', '1e999'), binary), {
        maxLength: 6,
      }),
      { maxLength: 20 },
    )
    .map((rows) => rows.map((words) => words.join('\t')).join('\n'));
const upstreams = ['docker.io', 'ghcr.io'];
const timed = { firstByteMs: 1, totalMs: 2 };
const digest = `sha256:${'a'.repeat(64)}`;

function within(ms: number, body: () => void): void {
  const begun = performance.now();
  body();
  expect(performance.now() - begun).toBeLessThan(ms);
}

describe('a node that says whatever it likes', () => {
  test('has sizes that are numbers, and images with digests', () => {
    const said = lines('disk', 'inodes', 'cached', 'unreadable', 'docker.io', digest, '5', 'total', 'upstream');
    fc.assert(
      fc.property(said, (text) => {
        const { cached, totalBytes, freeBytes, totalInodes, freeInodes } = parseMachineFacts(text, upstreams);
        for (const each of [totalBytes, freeBytes, totalInodes, freeInodes]) expect(Number.isFinite(each)).toBe(true);
        for (const { manifest } of cached.values()) expect(manifest).toMatch(/^sha256:[0-9a-f]{64}$/);
        for (const name of parseCacheSizes(text, upstreams)?.upstreams.keys() ?? []) expect(upstreams).toContain(name);
      }),
      { numRuns: 200 },
    );
  });

  test('runs programs that are known, in versions that are words', () => {
    const said = lines(
      'program',
      'service',
      'file',
      'compared',
      'docker',
      'envoy',
      'offline',
      '26.1.5',
      'x version: a/1.40.0/',
    );
    fc.assert(
      fc.property(said, (text) => {
        const { programs } = parseInspection(text);
        for (const { version } of programs) expect(version).toMatch(/^\d+\.\d+/);
        expect(new Set(programs.map(({ id }) => id)).size).toBe(programs.length);
      }),
      { numRuns: 300 },
    );
    expect(parseInspection('service\t__proto__\t1.2.3\nservice\tconstructor\t1.2.3\n').programs).toEqual([]);
  });

  test('has pulls of the contract’s own shape, whatever stands in its edge’s log', () => {
    const path = fc.oneof(
      binary,
      fc.constantFrom('/v2/library/app/manifests/latest', `/v2/library/app/blobs/${digest}`, '/v2/', '/v2/../../x'),
    );
    const line = fc.oneof(
      fc.json(),
      fc
        .record({
          id: binary,
          time: fc.oneof(binary, fc.constant('2026-11-27T12:00:00.000Z')),
          status: fc.oneof(fc.integer(), fc.double()),
          method: fc.constantFrom('GET', 'HEAD', null, '\u001b[2J'),
          path,
          upstreamPath: path,
          upstream: fc.constantFrom('docker.io', '__proto__', '', null),
          bytes: fc.oneof(fc.integer(), fc.double(), fc.constant(null)),
          duration: fc.oneof(fc.integer(), fc.constant(null)),
          client: binary,
          agent: binary,
          digest: fc.oneof(binary, fc.constant(digest)),
        })
        .map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (text) => {
        const pulls = foldPulls(text.flatMap((each) => parseEdgeLogLine(each) ?? []));
        for (const pull of pulls) expect(pullSchema.safeParse(pull).error?.issues).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('costs no more time than its answer is long', () => {
    within(3000, () => expect([...parsePrometheus(`a{b="${'x'.repeat(8 << 20)}"} 1\nc 2`)]).toHaveLength(1));
    within(3000, () => expect([...parsePrometheus(`a{b="${'\\"'.repeat(2 << 20)} 1\nc 2`)]).toHaveLength(1));
    within(3000, () => expect([...parsePrometheus(`a{${'b="c",'.repeat(5000)}} 1`)]).toHaveLength(1));
    within(3000, () => parseEdgeLogLine('['.repeat(1 << 20)));
    within(3000, () => parseMachineFacts('disk\t1\t'.repeat(1 << 20), upstreams));
    within(3000, () => complaintIn({ ...timed, status: 500, headers: {}, body: `{${'"message" '.repeat(1 << 19)}` }));
  });
});

describe('an upstream that says whatever it likes', () => {
  const headers = fc.record({
    'ratelimit-limit': fc.oneof(binary, fc.constantFrom('100;w=21600', '1e9', '-1')),
    'ratelimit-remaining': fc.oneof(binary, fc.constant('76;w=21600')),
    'retry-after': fc.oneof(binary, fc.constantFrom('5', 'Wed, 21 Oct 2099 07:28:00 GMT', '999999999999')),
    'content-type': fc.constantFrom('text/plain', 'application/json'),
  });

  test('has quotas and pauses that are numbers', () => {
    fc.assert(
      fc.property(headers, (each) => {
        for (const value of Object.values(parseQuota(each) ?? {})) expect(Number.isSafeInteger(value)).toBe(true);
        const pause = parseRetryAfter(each, 0);
        if (pause !== undefined) expect(pause).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 200 },
    );
  });

  test('is refused in words that are short', () => {
    fc.assert(
      fc.property(headers, fc.oneof(binary, fc.json()), fc.integer({ min: 100, max: 999 }), (each, body, status) => {
        const { because } = refusalOf({ ...timed, status, headers: each, body });
        expect(sayingSchema.parse(because)).toEqual(because);
        expect(String(because.values?.['text'] ?? '').length).toBeLessThanOrEqual(160);
        expect(sayingSchema.safeParse(failureOf(new Error(body)).because).success).toBe(true);
      }),
      { numRuns: 200 },
    );
    for (const code of ['constructor', '__proto__', 'toString'])
      expect(failureOf(Object.assign(new Error('x'), { code })).code).toBe('failed');
  });

  test('gives a token or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), binary, fc.constant('{"token":"x","expires_in":1e999}')), (body) => {
        const token = parseToken(body, 0);
        if (token !== undefined) expect(token.token.reveal()).not.toBe('');
      }),
      { numRuns: 200 },
    );
  });
});
