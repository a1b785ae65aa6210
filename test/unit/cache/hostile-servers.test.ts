import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InventoryParser } from '../../../main/cache/inventory-parser.ts';
import { manifestReferences, platformOf } from '../../../main/cache/manifest.ts';
import { pinsIn, withPins, withoutPins } from '../../../main/cache/pins-text.ts';
import { PruneReportReader } from '../../../main/cache/prune-report.ts';
import { readPlatforms } from '../../../main/cache/read-platforms.ts';
import { parseLastRun, parseRules, printRules } from '../../../main/cache/schedule-rules.ts';
import { ScrubReader } from '../../../main/cache/scrub.ts';
import { readTarHeader } from '../../../main/cache/tar-header.ts';
import type { Host } from '../../../main/hosts/host.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import { scheduleSchema } from '../../../preload/contract/cache.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';

const binary = fc.string({ unit: 'binary', maxLength: 200 });
const hex = 'a'.repeat(64);

function orProblem<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return undefined;
  }
}

/** Milliseconds that something takes. */
async function timeOf(body: () => Promise<unknown> | undefined): Promise<number> {
  const begun = performance.now();
  await body();
  return performance.now() - begun;
}

const linesOf = (...words: readonly string[]) =>
  fc
    .array(fc.array(fc.oneof(fc.constantFrom(...words), binary), { maxLength: 5 }), { maxLength: 30 })
    .map((lines) => lines.map((line) => line.join(' ')).join('\n'));

describe('a server that lies about its cache', () => {
  test('has no header of a file but that of a manifest', () => {
    const field = (text: string, length: number) => text.slice(0, length).padEnd(length, '\0');
    const block = fc
      .tuple(
        fc.oneof(fc.constant(`sha256/aa/${hex}/data`), binary),
        fc.oneof(fc.constantFrom('00000000005\0', '77777777777\0', '-1', '1e3', '0x5'), binary),
        fc.oneof(fc.constantFrom('0', '\0', '1', '2', '5', 'L'), binary),
      )
      .map(([name, size, kind]) =>
        Buffer.from(
          `${field(name, 100)}${'0'.repeat(24)}${field(size, 12)}${'0'.repeat(20)}${field(kind, 1)}`,
          'latin1',
        ),
      );
    fc.assert(
      fc.property(fc.oneof(block, fc.uint8Array({ minLength: 512, maxLength: 512 })), (bytes) => {
        const found = orProblem(() => readTarHeader(Buffer.concat([bytes, Buffer.alloc(512)]).subarray(0, 512)));
        if (found === undefined) return;
        expect(found.hex).toMatch(/^[0-9a-f]{64}$/);
        expect(found.size).toBeLessThanOrEqual(4 << 20);
      }),
      { numRuns: 300 },
    );
  });

  test('has no listing but one in the form of a listing', () => {
    const listing = linesOf(
      'mirrorfleet-cache',
      '1',
      '1800000000',
      'u',
      'docker.io',
      'r',
      'a',
      't',
      'm',
      'l',
      'b',
      hex,
      'manifests',
      '0',
      'end',
      '..',
      'c',
      'p',
      'q',
      'o',
    );
    fc.assert(
      fc.property(listing, fc.boolean(), (text, begins) => {
        const parser = new InventoryParser();
        const all = begins ? `mirrorfleet-cache 1 1800000000 1\n${text}\n` : text;
        orProblem(() => {
          parser.push(Buffer.from(all, 'latin1'));
          return parser.finish();
        });
      }),
      { numRuns: 300 },
    );
  });

  test('has manifests that are understood or not, and none that names something else than SHA-256', () => {
    const descriptor = fc.record(
      { digest: fc.oneof(binary, fc.constant(`sha256:${hex}`)), platform: fc.anything(), size: fc.anything() },
      { requiredKeys: [] },
    );
    const manifest = fc.dictionary(
      fc.constantFrom('config', 'layers', 'blobs', 'manifests', 'fsLayers', '__proto__', 'mediaType'),
      fc.oneof(descriptor, fc.array(descriptor, { maxLength: 4 }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.oneof(manifest, fc.jsonValue()), (value) => {
        const found = manifestReferences(Buffer.from(JSON.stringify(value) ?? ''));
        for (const each of [...(found?.children ?? []), ...(found?.blobs ?? [])])
          expect(each).toMatch(/^[0-9a-f]{64}$/);
        const platform = platformOf(value);
        if (platform !== undefined) expect(platform).toMatch(/^[a-z0-9._-]+(\/[a-z0-9._-]+){1,2}$/);
      }),
      { numRuns: 300 },
    );
    expect(manifestReferences(Buffer.from('['.repeat(1 << 20)))).toBeUndefined();
  });

  test('has a report of a prune or a check that is read to its end, or is none', () => {
    const report = linesOf(
      'step',
      'blobs',
      'tags',
      'removed',
      'kept',
      'freed',
      'done',
      '5',
      'bad',
      'unread',
      hex,
      'end',
      'read',
    );
    fc.assert(
      fc.property(report, (text) => {
        const prune = new PruneReportReader({ stage: () => {}, blobs: () => {} });
        orProblem(() => prune.push(Buffer.from(text, 'latin1')));
        expect(Number.isSafeInteger(prune.finish()?.freedBytes ?? 0)).toBe(true);
        const scrub = new ScrubReader(() => {});
        scrub.push(Buffer.from(text, 'latin1'));
        for (const each of [...scrub.bad, ...scrub.unread]) expect(each).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 300 },
    );
  });

  test('has a schedule that is one, or is told to be unclear', () => {
    const rules = linesOf('at=03:30', 'unused_days=', 'unused_days=30', 'keep_bytes=1e9', 'free_percent=200', '#');
    fc.assert(
      fc.property(rules, (text) => {
        const found = orProblem(() => parseRules('tokyo', text));
        if (found !== undefined) expect(parseRules('tokyo', printRules(found))).toEqual(scheduleSchema.parse(found));
        expect(Number.isSafeInteger(parseLastRun(text)?.at ?? 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps every byte of a file of pins that is not a pin of ours', () => {
    const pins = linesOf('docker.io/library/nginx', '# mine', 'nginx:alpine', '\r', '\t', '*');
    fc.assert(
      fc.property(pins, (text) => {
        const there = pinsIn(text);
        const added = withPins(text, ['ghcr.io/owner/name']);
        expect(added.startsWith(text)).toBe(true);
        if (!there.includes('ghcr.io/owner/name') && text !== '')
          expect(withoutPins(added, ['ghcr.io/owner/name'])).toBe(text.endsWith('\n') ? text : `${text}\n`);
      }),
      { numRuns: 300 },
    );
  });

  const talking = (chunk: Uint8Array, times: number): Host => ({
    ...localHost('tokyo'),
    run: async ({ onOutput }) => {
      for (let round = 0; round < times; round += 1) onOutput?.(chunk);
      return { code: 0, stdout: '', stderr: '' };
    },
  });

  test('is not listened to without end', async () => {
    const endless = talking(Buffer.alloc(65_536, 'x'), 2000);
    expect(await timeOf(async () => readPlatforms(endless, { name: 'tokyo' }, [hex]))).toBeLessThan(5000);
    const lines = talking(Buffer.from('x\n'.repeat(32_768)), 20);
    expect((await readPlatforms(lines, { name: 'tokyo' }, [hex])).size).toBe(0);
  });
});
