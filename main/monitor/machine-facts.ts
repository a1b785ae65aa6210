import { type NodeLayout, storageName } from '../fleet/node-layout.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import type { Host } from '../hosts/host.ts';

/** An image that is cached for certain, seen on the machine's own disk: asking the mirror for it by digest costs the upstream nothing. */
export interface CachedImageFound {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: string;
  /** A layer or configuration of the same repository whose bytes are there; undefined where there is none. */
  readonly blob?: string;
}

/** What one look at the machine tells. `unreadable` says that the folder's rights kept us from seeing the cache. */
export interface MachineFacts {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
  readonly cached: ReadonlyMap<string, CachedImageFound>;
  readonly unreadable: boolean;
}

/**
 * Disk, inodes and one cached image for each upstream. Arguments: base, blob store, then storage name, repository and tag of each
 * upstream's probe image. Prints one fact a line, fields apart by a tab. Where the probe image is not cached, any tag will do.
 */
const factsScript = `set -u
base=$1; blobs=$2; shift 2
tab=$(printf '\\t')
here=$base/data; [ -d "$here" ] || here=$base; [ -d "$here" ] || here=/
df -Pk "$here" | awk 'NR==2 {printf "disk\\t%.0f\\t%.0f\\n", $2*1024, $4*1024}'
df -Pi "$here" 2>/dev/null | awk 'NR==2 {printf "inodes\\t%s\\t%s\\n", $2, $4}'
[ -r "$blobs" ] && [ -x "$blobs" ] || { [ -e "$base" ] && echo unreadable; }
there() { h=\${1#sha256:}; [ -s "$blobs/sha256/$(printf %.2s "$h")/$h/data" ]; }
while [ $# -ge 3 ]; do
  name=$1; repo=$2; tag=$3; shift 3
  repos=$base/data/$name/docker/registry/v2/repositories
  link=$repos/$repo/_manifests/tags/$tag/current/link
  if [ -z "$repo" ] || [ ! -s "$link" ] || ! there "$(cat "$link")"; then
    link=$(find "$repos" -path '*/_manifests/tags/*/current/link' -size +0 -print -quit 2>/dev/null)
  fi
  [ -n "$link" ] || continue
  digest=$(cat "$link") && there "$digest" || continue
  folder=\${link%/_manifests/tags/*}
  tag=\${link%/current/link}
  blob=
  for each in "$folder"/_layers/sha256/*/link; do
    [ -s "$each" ] && there "$(cat "$each")" && { blob=$(cat "$each"); break; }
  done
  printf 'cached\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$name" "\${folder#"$repos"/}" "\${tag##*/}" "$digest" "$blob"
done
exit 0
`;

/** Bytes the cache takes on disk. The lowest priority: 88,000 blobs take seconds, and a pull must not wait for them. */
const cacheSizeScript = `set -u
low=nice; command -v ionice >/dev/null 2>&1 && low='ionice -c 3 nice'
$low -n 19 du -sk "$1" 2>/dev/null | awk 'NR==1 {printf "%.0f\\n", $1*1024}'
`;

/** How long one look may take, and counting the cache, in ms. */
const factsTimeoutMs = 15_000;
const cacheSizeTimeoutMs = 120_000;

/** Looks at the machine in one round trip. Throws what {@link Host.run} throws. */
export async function readMachineFacts(
  host: Host,
  layout: NodeLayout,
  upstreams: readonly string[],
  options: { readonly elevated: boolean; readonly signal: AbortSignal },
): Promise<MachineFacts> {
  const probes = upstreams.flatMap((name) => {
    const { probe } = upstreamOf(name);
    return [storageName(name), probe.repository, probe.tag];
  });
  const result = await host.run({
    argv: ['sh', '-s', '--', layout.base, layout.blobStore, ...probes],
    input: factsScript,
    elevated: options.elevated,
    timeoutMs: factsTimeoutMs,
    maxOutputBytes: 256 * 1024,
    signal: options.signal,
  });
  return parseMachineFacts(result.stdout, upstreams);
}

/** Counts the cache's bytes; undefined where it could not be counted. Throws what {@link Host.run} throws. */
export async function readCacheBytes(
  host: Host,
  layout: NodeLayout,
  options: { readonly elevated: boolean; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const result = await host.run({
    argv: ['sh', '-s', '--', layout.blobStore],
    input: cacheSizeScript,
    elevated: options.elevated,
    timeoutMs: cacheSizeTimeoutMs,
    signal: options.signal,
  });
  const word = result.stdout.trim();
  return /^\d+$/.test(word) ? Number(word) : undefined;
}

const digestForm = /^sha256:[0-9a-f]{64}$/;

/** What the script printed, as facts. Lines of any other form (a login banner) are read over. Pure. */
export function parseMachineFacts(text: string, upstreams: readonly string[]): MachineFacts {
  const sizes = { totalBytes: 0, freeBytes: 0, totalInodes: 0, freeInodes: 0 };
  const cached = new Map<string, CachedImageFound>();
  let unreadable = false;
  for (const line of text.split('\n')) {
    const [word, ...fields] = line.split('\t');
    if (word === 'disk') [sizes.totalBytes, sizes.freeBytes] = [count(fields[0]), count(fields[1])];
    else if (word === 'inodes') [sizes.totalInodes, sizes.freeInodes] = [count(fields[0]), count(fields[1])];
    else if (word === 'unreadable') unreadable = true;
    else if (word === 'cached') {
      const [name, repository, tag, manifest, blob] = fields;
      const upstream = upstreams.find((each) => storageName(each) === name);
      if (!upstream || !repository || !tag || !manifest || !digestForm.test(manifest)) continue;
      cached.set(upstream, { repository, tag, manifest, ...(blob && digestForm.test(blob) && { blob }) });
    }
  }
  return { ...sizes, cached, unreadable };
}

function count(word: string | undefined): number {
  const value = Number(word);
  return Number.isFinite(value) && value > 0 ? value : 0;
}
