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

/**
 * Bytes the cache takes on disk, whole and for each upstream. Arguments: blob store, then storage name and repositories of each upstream.
 * Repositories first, so that the sizes that follow meet what they belong to: nothing is kept but the links. An upstream whose folder cannot
 * be read has no line; one without a folder has nothing. A link is known by its folder, which goes with it: opening each would take twice as
 * long. The lowest priority: 88,000 blobs take seconds, and a pull must not wait for them.
 */
const cacheSizeScript = `set -u
LC_ALL=C; export LC_ALL
tab=$(printf '\\t')
low='nice -n 19'; command -v ionice >/dev/null 2>&1 && low="ionice -c 3 $low"
blobs=$1; shift
{
  printf 'store\\t%s\\n' "$blobs"
  while [ $# -ge 2 ]; do
    name=$1; repos=$2; shift 2
    [ -d "$repos" ] || { printf 'upstream\\t%s\\n' "$name"; continue; }
    [ -r "$repos" ] && [ -x "$repos" ] || continue
    printf 'upstream\\t%s\\n' "$name"
    $low find "$repos" \\( -name _uploads -o -path '*/_manifests/tags' \\) -prune -o \\( -path '*/_layers/sha256/*' -o -path '*/_manifests/revisions/sha256/*' \\) -prune -print
  done
  $low du -ak "$blobs"
} 2>/dev/null | $low awk -F "$tab" '
  $1 == "store" { store = $2; next }
  $1 == "upstream" { name = $2; sum[name] = 0; next }
  NF == 1 {
    n = split($1, part, "/"); hex = part[n]
    if (last[hex] != name) { last[hex] = name; linked[hex] = linked[hex] "/" name }
    next
  }
  $2 == store { total = $1; counted = 1; next }
  $2 ~ /\\/data$/ {
    n = split($2, part, "/"); hex = part[n - 1]
    if (hex in linked) { n = split(linked[hex], part, "/"); for (i = 2; i <= n; i += 1) sum[part[i]] += $1 }
  }
  END {
    if (!counted) exit
    printf "total\\t%.0f\\n", total * 1024
    for (name in sum) printf "upstream\\t%s\\t%.0f\\n", name, sum[name] * 1024
  }'
`;

/**
 * Bytes the cache takes on disk: of the whole blob store with its folders, and of the blobs that each upstream's own repositories link.
 * The store is shared, so a layer that two upstreams link counts for both, and what no repository links any more counts for none.
 */
export interface CacheSizes {
  readonly bytes: number;
  readonly upstreams: ReadonlyMap<string, number>;
}

/** How long one look may take, and counting the cache, in ms. */
const factsTimeoutMs = 15_000;
const cacheSizeTimeoutMs = 180_000;

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

/** Counts the cache's bytes in one round trip; undefined where it could not be counted. Throws what {@link Host.run} throws. */
export async function readCacheSizes(
  host: Host,
  layout: NodeLayout,
  upstreams: readonly string[],
  options: { readonly elevated: boolean; readonly signal: AbortSignal },
): Promise<CacheSizes | undefined> {
  const roots = upstreams.flatMap((name) => [
    storageName(name),
    `${layout.storageRoot(name)}/docker/registry/v2/repositories`,
  ]);
  const result = await host.run({
    argv: ['sh', '-s', '--', layout.blobStore, ...roots],
    input: cacheSizeScript,
    elevated: options.elevated,
    timeoutMs: cacheSizeTimeoutMs,
    signal: options.signal,
  });
  return parseCacheSizes(result.stdout, upstreams);
}

/** What the script printed, as sizes; undefined where the whole store was not counted to its end. Pure. */
export function parseCacheSizes(text: string, upstreams: readonly string[]): CacheSizes | undefined {
  const found = new Map<string, number>();
  let bytes: number | undefined;
  for (const line of text.split('\n')) {
    const [word, ...fields] = line.split('\t');
    const size = fields.at(-1) ?? '';
    if (!/^\d+$/.test(size)) continue;
    const upstream = upstreams.find((each) => storageName(each) === fields[0]);
    if (word === 'total') bytes = Number(size);
    else if (word === 'upstream' && upstream && fields.length === 2) found.set(upstream, Number(size));
  }
  return bytes === undefined ? undefined : { bytes, upstreams: found };
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
