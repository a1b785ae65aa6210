import type { NodeSpec } from '../../preload/contract/node.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { ByteQueue } from './byte-queue.ts';
import { cacheProblem } from './cache-problem.ts';
import { platformOf } from './manifest.ts';
import { isHex } from './stored-names.ts';

/** Most configurations that are read: each is some kilobytes, and only images without an index need theirs. */
const most = 2000;

const longestLine = 256;

/**
 * Prints, for each digest on standard input whose file is here and no bigger than 256 KiB, a line `<hex> <bytes>` and the file.
 * One `cat` a file: there are few of them. A file that goes or cannot be read once its line is out ends the answer.
 */
const script = String.raw`cd "$1/data/blobs/sha256" 2>/dev/null || exit 10
while read -r hex; do
  shard=$(printf %.2s "$hex")
  size=$(stat -c %s "$shard/$hex/data" 2>/dev/null) || continue
  [ "$size" -le 262144 ] || continue
  echo "$hex $size"; cat "$shard/$hex/data" || exit 0
done
`;

/** The platforms that these configurations (hex) name, asked of the node in one round trip. What cannot be read or understood is left out. */
export async function readPlatforms(
  host: Host,
  spec: Pick<NodeSpec, 'name' | 'base'>,
  configs: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (configs.length === 0) return found;
  const queue = new ByteQueue();
  let next: { readonly hex: string; readonly size: number } | undefined;
  /** It said something else than a digest and a size: it is not listened to any further. */
  let lost = false;
  const advance = (): boolean => {
    if (next === undefined) {
      const line = queue.takeLine()?.toString('latin1');
      if (line === undefined) {
        lost = queue.length > longestLine;
        return false;
      }
      const [, hex, size] = /^([0-9a-f]{64}) (\d{1,6})$/.exec(line) ?? [];
      if (hex === undefined || size === undefined) {
        lost = true;
        return false;
      }
      next = { hex, size: Number(size) };
    }
    const bytes = queue.take(next.size);
    if (bytes === undefined) return false;
    const platform = platformIn(bytes);
    if (isHex(next.hex) && platform !== undefined) found.set(next.hex, platform);
    next = undefined;
    return true;
  };
  const result = await host.run({
    argv: ['sh', '-c', script, 'sh', nodeLayout(spec).base],
    input: `${configs.slice(0, most).join('\n')}\n`,
    elevated: true,
    timeoutMs: 5 * 60_000,
    maxOutputBytes: most * 262_144,
    keepOutput: false,
    ...(signal ? { signal } : {}),
    onOutput: (chunk) => {
      if (lost) return;
      queue.push(chunk);
      while (advance());
    },
  });
  if (result.code !== 0) throw cacheProblem(spec.name, result);
  return found;
}

function platformIn(bytes: Uint8Array): string | undefined {
  try {
    return platformOf(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
}
