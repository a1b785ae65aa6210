import type { NodeSpec } from '../../preload/contract/node.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { cacheProblem } from './cache-problem.ts';

/** Blobs are spread evenly over 256 folders by their digests; eight of them tell the rest within a few percent. */
const script = String.raw`set -u
LC_ALL=C; export LC_ALL
cd "$1/data/blobs" 2>/dev/null || exit 10
[ -d sha256 ] || { echo "0 1"; exit 0; }
low=
if command -v nice >/dev/null 2>&1; then low='nice -n 19'; fi
sum() {
  if find . -maxdepth 0 -printf '' >/dev/null 2>&1; then $low find "$@" -type f -name data -printf '%b\n'
  else $low find "$@" -type f -name data -print0 | xargs -0 -r stat -c %b; fi 2>/dev/null |
    awk '{ blocks += $1 } END { printf "%d %.0f\n", NR, blocks * 512 }'
}
set -- $(sum sha256/0f sha256/2e sha256/4d sha256/6c sha256/8b sha256/aa sha256/c9 sha256/e8)
if [ "$1" -gt 1000 ]; then awk -v bytes="$2" 'BEGIN { printf "%.0f 0\n", bytes * 32 }'
else set -- $(sum sha256); echo "$2 1"; fi
`;

/** Disk space of a node's cached blobs, in bytes; `exact` is false for a big cache (above some 32,000 blobs), where it is an estimate. */
export async function cacheBytes(
  host: Host,
  spec: Pick<NodeSpec, 'name' | 'base'>,
  signal?: AbortSignal,
): Promise<{ readonly bytes: number; readonly exact: boolean }> {
  const result = await host.run({
    argv: ['sh', '-s', '--', nodeLayout(spec).base],
    input: script,
    elevated: true,
    timeoutMs: 5 * 60_000,
    maxOutputBytes: 4096,
    ...(signal ? { signal } : {}),
  });
  const [, bytes, exact] = /^(\d{1,15}) ([01])\n$/.exec(result.stdout) ?? [];
  if (result.code !== 0 || bytes === undefined) throw cacheProblem(spec.name, result);
  return { bytes: Number(bytes), exact: exact === '1' };
}
