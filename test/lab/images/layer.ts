import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type TarEntry, tarArchive } from './tar-archive.ts';

/** One file-system layer, both as engines unpack it (`tar`) and as registries keep it (`blob`). */
export interface Layer {
  readonly tar: Buffer;
  /** Digest of the tar: what an image's configuration lists. */
  readonly diffId: string;
  readonly blob: Buffer;
  /** Digest of the gzipped tar: what a manifest lists. */
  readonly digest: string;
}

/** `level` is gzip's: 1 for programs (fast, still a third), 0 for content that does not shrink. */
export function makeLayer(entries: readonly TarEntry[], level: 0 | 1 = 1): Layer {
  const tar = tarArchive(entries);
  const blob = gzipSync(tar, { level });
  return { tar, diffId: sha256(tar), blob, digest: sha256(blob) };
}

/** The digest of `content` as registries write it: `sha256:` and 64 hexadecimal digits. */
export function sha256(content: Buffer | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
