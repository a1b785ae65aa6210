import { type Gunzip, createGunzip } from 'node:zlib';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { cacheProblem } from './cache-problem.ts';
import type { CacheSnapshot } from './cache-snapshot.ts';
import { InventoryParser } from './inventory-parser.ts';
import { inventoryScript } from './inventory-script.ts';

/** Most bytes of a listing as it travels, packed. */
const largestTransfer = 256 * 1024 * 1024;
/** A million blobs on a cold disk take five minutes. */
const longestListing = 15 * 60_000;

/**
 * Lists a node's cache in one round trip, parsing while it streams. Throws `node-not-applied` where there is no node,
 * `cache-unreadable`, `cache-listing-incomplete` or `cache-listing-invalid` where the list cannot be relied on, and what the host throws.
 */
export async function readSnapshot(
  host: Host,
  spec: Pick<NodeSpec, 'name' | 'base'>,
  signal?: AbortSignal,
): Promise<CacheSnapshot> {
  const parser = new InventoryParser();
  const broken = new AbortController();
  const reading = unpack(parser, (error) => broken.abort(error));
  const result = await host
    .run({
      argv: ['sh', '-s', '--', nodeLayout(spec).base],
      input: inventoryScript,
      elevated: true,
      timeoutMs: longestListing,
      maxOutputBytes: largestTransfer,
      signal: signal ? AbortSignal.any([signal, broken.signal]) : broken.signal,
      keepOutput: false,
      onOutput: (chunk) => reading.push(chunk),
    })
    .catch((error: unknown) => {
      throw broken.signal.aborted ? broken.signal.reason : error;
    });
  const packed = await reading.finished();
  if (result.code !== 0) throw cacheProblem(spec.name, result);
  if (!packed)
    fail({
      code: 'cache-listing-incomplete',
      message: `${spec.name} sent no list of its cache.`,
      hint: 'Try again.',
      retryable: true,
    });
  return parser.finish();
}

/** Feeds the parser from bytes that may or may not be gzipped; the first failure is told once and ends the reading. */
function unpack(
  parser: InventoryParser,
  failed: (error: unknown) => void,
): { push(chunk: Uint8Array): void; finished(): Promise<boolean> } {
  let gunzip: Gunzip | undefined;
  let started = false;
  let error: unknown;
  const ended = Promise.withResolvers<void>();
  const give = (chunk: Uint8Array): void => {
    if (error !== undefined) return;
    try {
      parser.push(chunk);
    } catch (caught) {
      error = caught;
      failed(caught);
      gunzip?.destroy();
      ended.resolve();
    }
  };
  return {
    push(chunk) {
      if (!started) {
        started = true;
        if (chunk[0] === 0x1f) {
          gunzip = createGunzip();
          gunzip.on('data', give);
          gunzip.on('end', () => ended.resolve());
          // Cut or damaged gzip: what was unpacked lacks its end, which the parser reports in better words.
          gunzip.on('error', () => ended.resolve());
        }
      }
      if (gunzip && !gunzip.destroyed) gunzip.write(Uint8Array.from(chunk));
      else if (!gunzip) give(chunk);
    },
    async finished() {
      if (gunzip && !gunzip.destroyed) {
        gunzip.end();
        await ended.promise;
      }
      if (error !== undefined) throw error;
      return started;
    },
  };
}
