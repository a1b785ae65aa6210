import { expect, test } from 'vitest';
import { type TarEntry, tarArchive } from '../../../main/provision/tar-archive.ts';

const file = (path: string, size = 0, more: Partial<TarEntry> = {}): TarEntry => ({
  path,
  bytes: Buffer.alloc(size, 'x'),
  mode: 0o640,
  uid: 10001,
  gid: 65534,
  ...more,
});

/** The members of an archive as ustar says: name, mode, owner, size and kind at fixed places, numbers in octal. */
function members(archive: Uint8Array) {
  const bytes = Buffer.from(archive);
  const found: { name: string; mode: number; uid: number; gid: number; size: number; type: string; sum: boolean }[] =
    [];
  for (let at = 0; bytes[at] !== 0; ) {
    const head = Buffer.from(bytes.subarray(at, at + 512));
    const text = (from: number, length: number): string =>
      head.toString('utf8', from, from + length).split('\0')[0] ?? '';
    const number = (from: number, length: number): number => Number.parseInt(text(from, length), 8);
    const sum = number(148, 8);
    head.fill(' ', 148, 156);
    expect(text(257, 6)).toBe('ustar');
    expect(head.toString('latin1', 263, 265)).toBe('00');
    const size = number(124, 12);
    found.push({
      name: text(0, 100),
      mode: number(100, 8),
      uid: number(108, 8),
      gid: number(116, 8),
      size,
      type: text(156, 1),
      sum: sum === head.reduce((total, byte) => total + byte, 0),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

test('an archive holds each folder once, above what is in it, as root’s alone, then the files as given', () => {
  const root = { mode: 0o700, uid: 0, gid: 0, size: 0, type: '5', sum: true };
  const as = { mode: 0o640, uid: 10001, gid: 65534, type: '0', sum: true };
  expect(members(tarArchive([file('b/x/1', 700), file('a', 3), file('b/2', 512), file('b/x/3')]))).toEqual([
    { name: 'b/', ...root },
    { name: 'b/x/', ...root },
    { name: 'b/x/1', size: 700, ...as },
    { name: 'a', size: 3, ...as },
    { name: 'b/2', size: 512, ...as },
    { name: 'b/x/3', size: 0, ...as },
  ]);
});

test('an archive of one deep file holds every folder above it', () => {
  expect(members(tarArchive([file('p/q/r/s')])).map(({ name }) => name)).toEqual(['p/', 'p/q/', 'p/q/r/', 'p/q/r/s']);
});

test.each([0, 1, 511, 512, 513, 1024])('a file of %d bytes fills whole blocks, and two empty ones end it', (size) => {
  const archive = tarArchive([file('a', size)]);
  expect(archive.length).toBe(512 + Math.ceil(size / 512) * 512 + 1024);
  expect(archive.subarray(-1024).every((byte) => byte === 0)).toBe(true);
});

test('a path is a hundred bytes at most, however many letters that are', () => {
  expect(members(tarArchive([file('a'.repeat(100))]))[0]?.name).toBe('a'.repeat(100));
  expect(() => tarArchive([file('a'.repeat(101))])).toThrow(`Path too long for the archive: ${'a'.repeat(101)}`);
  expect(() => tarArchive([file('ä'.repeat(51))])).toThrow('Path too long');
  expect(tarArchive([]).length).toBe(1024);
});
