import type { ManifestReferences } from './manifest.ts';

/** Biggest manifest that is read, in bytes: what registries accept. A bigger one is `opaque`. */
export const largestManifest = 4 * 1024 * 1024;

/** A tag and the digest (hex) its link names; `undefined` where the link is missing or damaged. `usedAt` in seconds. */
export interface TagFound {
  readonly name: string;
  readonly hex: string | undefined;
  readonly usedAt: number;
}

/** One repository of one upstream. Digests are hex; the numbers are the links' own times in seconds. */
export interface RepositoryFound {
  readonly storage: string;
  readonly upstream: string;
  readonly name: string;
  readonly tags: readonly TagFound[];
  readonly revisions: ReadonlyMap<string, number>;
  readonly layers: ReadonlyMap<string, number>;
  /** Holds something these rules do not understand; nothing linked there is ever taken away but tags. */
  readonly opaque: boolean;
}

/** A stored blob: logical size and disk space in bytes, last read and last change of the file in seconds. */
export interface BlobFound {
  readonly size: number;
  readonly disk: number;
  readonly readAt: number;
  readonly changedAt: number;
}

/** Stored blobs by digest (hex), as a Map has them. */
export interface BlobsFound {
  readonly size: number;
  has(hex: string): boolean;
  get(hex: string): BlobFound | undefined;
  values(): Iterable<BlobFound>;
  [Symbol.iterator](): Iterator<[string, BlobFound]>;
}

/** What was on the node's disk at `at` (seconds by the server's clock; its fraction matters to the pruner). */
export interface CacheSnapshot {
  readonly at: string;
  /** Whether taking inventories leaves the manifests' read times alone, so that these tell of real pulls. */
  readonly readTimesTrue: boolean;
  /** Configuration files that switch on the registry's descriptor cache, under which deletion breaks pulls. */
  readonly descriptorCaches: readonly string[];
  /** The node's pins as its file has them, and the lines of that file which are none. */
  readonly pins: readonly string[];
  readonly unclearPins: readonly number[];
  readonly repositories: readonly RepositoryFound[];
  readonly blobs: BlobsFound;
  /** Every manifest that could be read and whose bytes match its digest; `undefined` for one that could not be understood. */
  readonly manifests: ReadonlyMap<string, ManifestReferences | undefined>;
  /** Manifests whose bytes are not what their digests say. */
  readonly damaged: readonly string[];
}
