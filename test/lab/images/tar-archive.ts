/** One member of a tar archive. Owner and time are always root and 1970: equal content must give equal bytes. */
export type TarEntry =
  | { readonly type: 'file'; readonly path: string; readonly content: Buffer; readonly mode?: number }
  | { readonly type: 'folder'; readonly path: string; readonly mode?: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

const blockSize = 512;

/**
 * A ustar archive of `entries`, in their order. Paths are relative and at most 100 bytes long. A folder named again is
 * left out: Docker refuses a layer with "duplicates of file paths".
 */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  const folders = new Set<string>();
  for (const entry of entries) {
    if (folders.has(entry.path)) continue;
    if (entry.type === 'folder') folders.add(entry.path);
    parts.push(tarHeader(entry));
    if (entry.type === 'file') parts.push(entry.content, paddingAfter(entry.content.length));
  }
  parts.push(Buffer.alloc(2 * blockSize));
  return Buffer.concat(parts);
}

/** The zero bytes that fill the last block of a member of `size` bytes. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** The 512-byte header of one member; its content, padded, follows in the archive. */
export function tarHeader(entry: TarEntry): Buffer {
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  if (Buffer.byteLength(path) > 100) throw new Error(`tar path is longer than 100 bytes: ${path}`);
  const header = Buffer.alloc(blockSize);
  header.write(path, 0);
  header.write(octal(modeOf(entry), 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(entry.type === 'file' ? entry.content.length : 0, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write({ file: '0', link: '2', folder: '5' }[entry.type], 156);
  if (entry.type === 'link') header.write(entry.target, 157);
  header.write('ustar\u000000', 257);
  header.write('root', 265);
  header.write('root', 297);
  // The checksum is the sum of all header bytes with its own field read as spaces.
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

function modeOf(entry: TarEntry): number {
  if (entry.type === 'link') return 0o777;
  return entry.mode ?? (entry.type === 'folder' ? 0o755 : 0o644);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
