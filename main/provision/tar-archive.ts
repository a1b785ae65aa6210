/** One file of an archive; `mode` are the permission bits. */
export interface TarEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const block = 512;

/** A ustar header. Paths of up to 100 bytes: a node's are far shorter, and a longer one is a bug. */
function header(
  path: string,
  size: number,
  entry: { mode: number; uid: number; gid: number },
  type: '0' | '5',
): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`Path too long for the archive: ${path}`);
  const head = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number): void =>
    void head.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'ascii');
  head.write(path, 0, 'utf8');
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  head.write('        ', 148, 'ascii');
  head.write(type, 156, 'ascii');
  head.write('ustar\u000000', 257, 'binary');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'binary');
  return head;
}

/**
 * A plain ustar archive, with the folders the files lie in (mode 0700, root's: the receiver moves files out of them). Owners are numbers
 * only, so that no name of this computer is looked up over there.
 */
export function tarArchive(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const folders = new Set<string>();
  for (const entry of entries) {
    const names = entry.path.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth++) folders.add(names.slice(0, depth).join('/'));
  }
  for (const folder of [...folders].toSorted())
    parts.push(header(`${folder}/`, 0, { mode: 0o700, uid: 0, gid: 0 }, '5'));
  for (const entry of entries) {
    parts.push(header(entry.path, entry.bytes.length, entry, '0'), entry.bytes);
    const rest = entry.bytes.length % block;
    if (rest > 0) parts.push(Buffer.alloc(block - rest));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}
