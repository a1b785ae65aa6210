import { createHash } from 'node:crypto';
import type { Machine } from '../lab/lab.ts';

export const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An image as it will lie in a cache: one layer of so many bytes, last used so long ago as `touch -d` reads it. */
export interface LaidImage {
  readonly upstream: string;
  readonly repository: string;
  readonly tag: string;
  readonly bytes: number;
  readonly age: string;
}

const laying = String.raw`set -eu
base=$1 data=$1/data; shift
umask 022
mkdir -p "$data/blobs" "$base/registry"
while [ $# -gt 0 ]; do
  root=$data/$1/docker/registry/v2/repositories/$2 tag=$3 age=$4 manifest=$5 text=$6 layer=$7 bytes=$8; shift 8
  put() { mkdir -p "\${1%/*}"; cat > "$1"; touch -d "$age" "$1"; }
  blob() { echo "$data/blobs/sha256/$(printf %.2s "$1")/$1/data"; }
  printf %s "$text" | put "$(blob "$manifest")"
  yes "$tag" | head -c "$bytes" | put "$(blob "$layer")"
  for link in "_manifests/revisions/sha256/$manifest" "_manifests/tags/$tag/current" "_manifests/tags/$tag/index/sha256/$manifest"; do
    printf "sha256:%s" "$manifest" | put "$root/$link/link"
  done
  printf "sha256:%s" "$layer" | put "$root/_layers/sha256/$layer/link"
done
`.replaceAll('\\${', '${');

/** Lays images into a node's folder on a machine as a registry stores them, without any registry. */
export async function layImages(machine: Machine, base: string, images: readonly LaidImage[]): Promise<void> {
  const words = images.flatMap(({ upstream, repository, tag, bytes, age }) => {
    const layer = `${tag}\n`.repeat(Math.ceil(bytes / (tag.length + 1))).slice(0, bytes);
    const manifest = JSON.stringify({ layers: [{ digest: `sha256:${hexOf(layer)}` }] });
    return [upstream, repository, tag, age, hexOf(manifest), manifest, hexOf(layer), `${bytes}`];
  });
  await machine.mustExec(['sh', '-c', laying, 'sh', base, ...words]);
}

/** Disk space of the cache's files as the machine itself counts it, in bytes. */
export async function bytesOn(machine: Machine, base: string): Promise<number> {
  const script = String.raw`find "$1/data/blobs" -type f -name data -printf '%b\n' | awk '{ blocks += $1 } END { print blocks * 512 }'`;
  return Number(await machine.mustExec(['sh', '-c', script, 'sh', base]));
}
