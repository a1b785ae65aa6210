import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BlobTable } from '../../../main/cache/blob-table.ts';

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const blobOf = (number: number) => ({
  size: number,
  disk: number * 512,
  readAt: 1_700_000_000 + number,
  changedAt: 2 ** 33 + number,
});

test('a table of blobs answers as a map of them would, over more than one piece', () => {
  const table = new BlobTable();
  const map = new Map<string, ReturnType<typeof blobOf>>();
  for (let number = 0; number < 5000; number += 1) {
    table.set(hexOf(`${number}`), blobOf(number));
    map.set(hexOf(`${number}`), blobOf(number));
  }
  expect(table.size).toBe(map.size);
  expect([...table].every(([hex, blob]) => map.get(hex)?.changedAt === blob.changedAt)).toBe(true);
  for (const number of [0, 1, 511, 512, 1023, 1024, 4999]) {
    expect(table.get(hexOf(`${number}`))).toEqual(blobOf(number));
  }
  expect(table.has(hexOf('5000'))).toBe(false);
  expect(table.get(hexOf('5000'))).toBeUndefined();
  expect([...table.values()].at(-1)).toEqual(blobOf(4999));
});

test('what is told of a blob a second time counts, and takes no second row', () => {
  const table = new BlobTable();
  table.set(hexOf('a'), blobOf(1));
  table.set(hexOf('b'), blobOf(2));
  table.set(hexOf('a'), blobOf(3));
  expect([...table]).toEqual([
    [hexOf('a'), blobOf(3)],
    [hexOf('b'), blobOf(2)],
  ]);
});

test('digests that differ in one digit are two blobs', () => {
  const table = new BlobTable();
  const zero = '0'.repeat(64);
  table.set(zero, blobOf(1));
  for (let at = 0; at < 64; at += 1) {
    const other = `${zero.slice(0, at)}1${zero.slice(at + 1)}`;
    expect(table.has(other)).toBe(false);
  }
});

test('what is no digest is not in the table', () => {
  const table = new BlobTable();
  table.set('0'.repeat(64), blobOf(1));
  for (const text of ['', '0', '0'.repeat(63), '0'.repeat(65), 'g'.repeat(64), `${'0'.repeat(62)}zz`]) {
    expect(table.has(text)).toBe(false);
    expect(table.get(text)).toBeUndefined();
  }
});
