import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheSnapshot } from '../../../main/cache/cache-snapshot.ts';
import { InventoryParser } from '../../../main/cache/inventory-parser.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { hexOf, modelCache, noon, snapshotOf } from './cache-model.ts';

type Model = ReturnType<typeof snapshotOf>;

function tarOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const blocks: Buffer[] = [];
  for (const [hex, bytes] of files) {
    const header = Buffer.alloc(512);
    header.write(`sha256/${hex.slice(0, 2)}/${hex}/data`);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('0', 156);
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024 + 512 * 7)]);
}

/** What the script would print for a snapshot. */
function listing(snapshot: Model): Buffer {
  const lines = [`mirrorfleet-cache 1 ${snapshot.at} 1`];
  for (const repository of snapshot.repositories) {
    lines.push(`u ${repository.storage}`, `r ${repository.name}`);
    for (const [hex, at] of repository.layers) lines.push(`l ${hex} ${at}`);
    for (const [hex, at] of repository.revisions) lines.push(`m ${hex} ${at}`);
    for (const tag of repository.tags) lines.push(`t ${tag.name} ${tag.hex ?? '-'} ${tag.usedAt}`);
  }
  for (const [hex, blob] of snapshot.blobs) {
    lines.push(`b ${hex} ${blob.size} ${blob.disk / 512} ${blob.readAt} ${blob.changedAt}`);
  }
  // As many archives as a tar that takes its files as arguments would make of them.
  const files = [...snapshot.files];
  const archives = [files.slice(0, 2), files.slice(2)]
    .filter((part) => part.length > 0)
    .map((part) => tarOf(new Map(part)));
  return Buffer.concat([
    Buffer.from(`${lines.join('\n')}\nmanifests ${snapshot.files.size}\n`),
    ...archives,
    Buffer.from('end\n'),
  ]);
}

function parse(bytes: Uint8Array, cuts: readonly number[] = []): CacheSnapshot {
  const parser = new InventoryParser();
  let from = 0;
  for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    parser.push(bytes.subarray(from, to));
    from = to;
  }
  return parser.finish();
}

const codeOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'none';
};

describe('the parser of a listing', () => {
  it('reads back any cache, cut into chunks anywhere', () => {
    fc.assert(
      fc.property(modelCache, fc.array(fc.nat(5000), { maxLength: 20 }), ({ images, orphans }, cuts) => {
        const { files: _, ...snapshot } = snapshotOf(images, orphans);
        const bytes = listing(snapshotOf(images, orphans));
        const read = parse(
          bytes,
          cuts.map((cut) => Math.min(cut, bytes.length)),
        );
        expect({ ...read, blobs: new Map(read.blobs) }).toEqual(snapshot);
      }),
    );
  });

  it('calls every listing that breaks off incomplete', () => {
    const bytes = listing(
      snapshotOf([{ storage: 'docker.io', repository: 'a', tag: '1', platforms: [[1], [2]], age: 0 }]),
    );
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => parse(bytes.subarray(0, length)))).toBe('cache-listing-incomplete');
    }
  });

  it('survives any garbage with a Problem and nothing else', () => {
    const good = listing(
      snapshotOf([{ storage: 'docker.io', repository: 'a', tag: '1', platforms: [[1], [2]], age: 0 }]),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, noise) => {
        const bytes = Buffer.from(good);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        expect(['none', 'cache-listing-invalid', 'cache-listing-incomplete', 'cache-unreadable']).toContain(
          codeOf(() => parse(bytes)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  const head = `mirrorfleet-cache 1 ${noon} 0\nu docker.io\nr library/a\n`;
  const hex = hexOf('x');
  it.each([
    ['a repository that climbs', `mirrorfleet-cache 1 ${noon} 0\nu docker.io\nr ../../etc\n`],
    ['a repository outside any upstream', `mirrorfleet-cache 1 ${noon} 0\nr library/a\n`],
    ['the shared folder as an upstream', `mirrorfleet-cache 1 ${noon} 0\nu blobs\n`],
    ['an upstream that climbs', `mirrorfleet-cache 1 ${noon} 0\nu ..\n`],
    ['a tag that climbs', `${head}t ../x ${hex} 5\n`],
    ['a tag with an option for a name', `${head}t -rf ${hex} 5\n`],
    ['a short digest', `${head}l ${hex.slice(1)} 5\n`],
    ['a digest in capitals', `${head}m ${hex.toUpperCase()} 5\n`],
    ['a negative time', `${head}l ${hex} -5\n`],
    ['a pin with a control character', `${head}p a\u0007\n`],
    ['a blob bigger than any disk', `${head}b ${hex} 5 999999999999999 5 5\n`],
    ['a line without an end', `${head}${'x'.repeat(600)}`],
    ['a line that is too long', `${head}c ${'x'.repeat(600)}\n`],
    ['an unknown line', `${head}z\n`],
    ['another format', 'mirrorfleet-cache 2 5 0\n'],
    ['text after the end', `${head}manifests 0\nend\nmore\n`],
    ['an archive of something else', `${head}manifests 1\n${'./etc/passwd'.padEnd(512, '\0')}`],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parse(Buffer.from(text)))).toBe('cache-listing-invalid');
  });

  it('refuses an archive with a manifest that was not listed', () => {
    const snapshot = snapshotOf([{ storage: 'docker.io', repository: 'a', tag: '1', platforms: [[1]], age: 0 }]);
    const [root = ''] = snapshot.files.keys();
    const blobs = new Map([...snapshot.blobs].filter(([each]) => each !== root));
    expect(() => parse(listing({ ...snapshot, blobs }))).toThrow(/archive holds what was not listed/);
  });

  it('refuses more than a gigabyte before it keeps it', () => {
    const parser = new InventoryParser();
    const first = Buffer.from(head);
    parser.push(first);
    const rest = { length: 1024 ** 3 - first.length + 1 } as Uint8Array;
    expect(() => parser.push(rest)).toThrow(/longer than any cache could be/);
  });

  it('says of a listing that broke off that nothing was changed and that it may be tried again', () => {
    expect(() => parse(Buffer.from(head))).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          message: 'The list of cached files broke off; nothing was changed.',
          hint: expect.stringContaining('look at the server for a full disk'),
          retryable: true,
        }),
      }),
    );
  });

  it('says so when the server could not read everything', () => {
    expect(codeOf(() => parse(Buffer.from(`${head}manifests 0\nbroken\n`)))).toBe('cache-unreadable');
  });

  it('believes a manifest only if its bytes match its digest', () => {
    const snapshot = snapshotOf([{ storage: 'docker.io', repository: 'a', tag: '1', platforms: [[1]], age: 0 }]);
    const [[root = '', bytes = Buffer.alloc(0)] = []] = snapshot.files;
    const damaged = Buffer.from(bytes);
    damaged[20] = 0x20;
    const read = parse(listing({ ...snapshot, files: new Map([[root, damaged]]) }));
    expect([...read.manifests]).toEqual([[root, undefined]]);
    expect(read.damaged).toEqual([root]);
  });
});
