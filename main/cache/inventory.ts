import type { CacheList, CachedImage } from '../../preload/contract/cache.ts';
import type { CacheSnapshot, RepositoryFound } from './cache-snapshot.ts';
import { imageName } from './image-name.ts';
import { isPinned, pinName } from './pin-names.ts';

/** A cached image with what it stands on. `root` is its manifest (hex), `closure` every digest it needs, itself included. */
export interface ImageFound {
  readonly image: CachedImage;
  readonly name: string;
  readonly repository: RepositoryFound;
  readonly root: string;
  readonly closure: ReadonlySet<string>;
}

/** The images of a snapshot and their sizes. */
export interface Inventory {
  readonly snapshot: CacheSnapshot;
  readonly images: readonly ImageFound[];
}

/**
 * The closure of a manifest in a repository: the manifest, its blobs, and of an index only those children that the repository holds
 * (the platforms that were pulled). `opaque` says that some manifest in it could not be understood, so more may hang on it.
 */
export function closureOf(
  snapshot: CacheSnapshot,
  repository: RepositoryFound,
  root: string,
): { readonly digests: ReadonlySet<string>; readonly opaque: boolean } {
  const digests = new Set<string>();
  // Apart from the digests: one manifest may name another among its files, which is no reason to leave that unread.
  const read = new Set<string>();
  let opaque = false;
  const pending = [root];
  for (let hex = pending.pop(); hex !== undefined; hex = pending.pop()) {
    if (read.has(hex)) continue;
    read.add(hex);
    digests.add(hex);
    if (!repository.revisions.has(hex)) continue;
    const references = snapshot.manifests.get(hex);
    if (references === undefined) {
      opaque ||= snapshot.blobs.has(hex);
      continue;
    }
    for (const blob of references.blobs) digests.add(blob);
    for (const child of references.children) {
      if (repository.revisions.has(child)) pending.push(child);
      else if (repository.layers.has(child)) digests.add(child);
    }
  }
  return { digests, opaque };
}

/**
 * The images in a snapshot: every tag whose manifest is here, and every manifest pulled by digest that hangs on no other of its
 * repository. Bytes are disk space. An image's last use is its tag link's time, which the registry renews at each pull while the upstream
 * answers; the manifest's read time counts too where it can be believed, for pulls while it did not.
 */
export function readInventory(snapshot: CacheSnapshot): Inventory {
  const found: Omit<ImageFound, 'name' | 'image'>[] = [];
  const facts: Pick<CachedImage, 'tag' | 'lastUse'>[] = [];
  for (const repository of snapshot.repositories) {
    const closures = new Map<string, ReadonlySet<string>>();
    const closure = (root: string): ReadonlySet<string> => {
      const known = closures.get(root) ?? closureOf(snapshot, repository, root).digests;
      closures.set(root, known);
      return known;
    };
    const below = new Set<string>();
    const add = (root: string, tag: string | undefined, lastUse: number): void => {
      found.push({ repository, root, closure: closure(root) });
      facts.push({ ...(tag === undefined ? {} : { tag }), lastUse: lastUse * 1000 });
    };
    for (const tag of repository.tags) {
      const blob = tag.hex === undefined ? undefined : snapshot.blobs.get(tag.hex);
      if (tag.hex === undefined || blob === undefined || !repository.revisions.has(tag.hex)) continue;
      add(tag.hex, tag.name, Math.max(tag.usedAt, snapshot.readTimesTrue ? blob.readAt : 0));
      for (const hex of closure(tag.hex)) below.add(hex);
    }
    for (const hex of repository.revisions.keys()) {
      for (const child of snapshot.manifests.get(hex)?.children ?? []) if (child !== hex) below.add(child);
    }
    for (const [hex, linkedAt] of repository.revisions) {
      const blob = snapshot.blobs.get(hex);
      if (blob !== undefined && !below.has(hex)) add(hex, undefined, Math.max(blob.readAt, linkedAt));
    }
  }
  const holders = new Map<string, number>();
  for (const { closure } of found) for (const hex of closure) holders.set(hex, (holders.get(hex) ?? 0) + 1);
  const images = found.map((each, index): ImageFound => {
    let bytes = 0;
    let exclusiveBytes = 0;
    for (const hex of each.closure) {
      const disk = snapshot.blobs.get(hex)?.disk ?? 0;
      bytes += disk;
      if (holders.get(hex) === 1) exclusiveBytes += disk;
    }
    const image: CachedImage = {
      upstream: each.repository.upstream,
      repository: each.repository.name,
      digest: `sha256:${each.root}`,
      bytes,
      exclusiveBytes,
      lastUse: 0,
      ...facts[index],
    };
    return { ...each, image, name: imageName(image) };
  });
  return { snapshot, images };
}

/**
 * The contract's list of a node's cache, the most recently used image first. `platforms` is what indexes and configurations say, by hex.
 * An image's are those of its manifests that are stored, not all that its index names.
 */
export function cacheList(node: string, inventory: Inventory, platforms: ReadonlyMap<string, string>): CacheList {
  const { snapshot } = inventory;
  const pins = new Set(snapshot.pins.map(pinName).filter((pin) => pin !== undefined));
  const images = inventory.images.map((found): CachedImage => {
    const here = platformsOf(snapshot, found, platforms);
    return {
      ...found.image,
      ...(here.length > 0 ? { platforms: here } : {}),
      ...(isPinned(found, pins) ? { pinned: true } : {}),
    };
  });
  const needed = new Set<string>();
  for (const { closure } of inventory.images) for (const hex of closure) needed.add(hex);
  let bytes = 0;
  let leftoverBytes = 0;
  for (const [hex, blob] of snapshot.blobs) {
    bytes += blob.disk;
    if (!needed.has(hex)) leftoverBytes += blob.disk;
  }
  return {
    node,
    images: images.toSorted((a, b) => b.lastUse - a.lastUse),
    bytes,
    blobs: snapshot.blobs.size,
    leftoverBytes,
  };
}

function platformsOf(
  snapshot: CacheSnapshot,
  { repository, closure }: ImageFound,
  known: ReadonlyMap<string, string>,
): string[] {
  const found = new Set<string>();
  for (const hex of closure) {
    if (!repository.revisions.has(hex) || !snapshot.blobs.has(hex)) continue;
    const platform = known.get(hex) ?? known.get(snapshot.manifests.get(hex)?.config ?? '');
    if (platform !== undefined) found.add(platform);
  }
  return [...found].toSorted();
}

/** What the indexes in a snapshot say about the manifests they list (hex to `linux/amd64`). */
export function indexedPlatforms(snapshot: CacheSnapshot): Map<string, string> {
  const found = new Map<string, string>();
  for (const manifest of snapshot.manifests.values()) {
    for (const [at, child] of (manifest?.children ?? []).entries()) {
      const platform = manifest?.platforms?.[at];
      if (platform !== undefined && snapshot.blobs.has(child)) found.set(child, platform);
    }
  }
  return found;
}

/** The configurations (hex) that alone can say what an image is for: those of stored manifests that no index describes. */
export function unsaidConfigs({ snapshot, images }: Inventory, known: ReadonlyMap<string, string>): string[] {
  const wanted = new Set<string>();
  for (const { root } of images) {
    const manifest = snapshot.manifests.get(root);
    if (manifest?.config === undefined || known.has(root) || !snapshot.blobs.has(manifest.config)) continue;
    wanted.add(manifest.config);
  }
  return [...wanted];
}
