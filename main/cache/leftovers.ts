import type { CacheSnapshot, RepositoryFound } from './cache-snapshot.ts';
import { type ImageFound, closureOf } from './inventory.ts';

/** A link or tag in one repository. */
export interface StoredName {
  readonly storage: string;
  readonly repository: string;
  readonly name: string;
}

/** What hangs on no image that stays. `freedBytes` is the disk space of the blobs. Indexes stand before other revisions. */
export interface Leftovers {
  readonly revisions: readonly StoredName[];
  readonly layers: readonly StoredName[];
  readonly blobs: readonly string[];
  readonly freedBytes: number;
}

/** What may go when exactly these images stay; `oldest` (ms) protects what is newer. */
export function leftoversOf(snapshot: CacheSnapshot, staying: readonly ImageFound[], oldest: number): Leftovers {
  const roots = new Map<RepositoryFound, Set<string>>();
  for (const { repository, root } of staying) roots.set(repository, (roots.get(repository) ?? new Set()).add(root));
  const needed = new Set<string>();
  const indexes: StoredName[] = [];
  const manifests: StoredName[] = [];
  const layers: StoredName[] = [];
  for (const repository of snapshot.repositories) {
    const here = neededIn(snapshot, repository, roots.get(repository) ?? new Set(), oldest);
    for (const hex of here) needed.add(hex);
    const named = (name: string): StoredName => ({ storage: repository.storage, repository: repository.name, name });
    for (const hex of repository.revisions.keys()) {
      if (here.has(hex)) continue;
      const isIndex = (snapshot.manifests.get(hex)?.children.length ?? 0) > 0;
      (isIndex ? indexes : manifests).push(named(hex));
    }
    for (const hex of repository.layers.keys()) if (!here.has(hex)) layers.push(named(hex));
  }
  const blobs: string[] = [];
  let freedBytes = 0;
  for (const [hex, blob] of snapshot.blobs) {
    if (needed.has(hex) || blob.changedAt * 1000 > oldest) continue;
    blobs.push(hex);
    freedBytes += blob.disk;
  }
  return { revisions: [...indexes, ...manifests], layers, blobs, freedBytes };
}

/** Every digest a repository still needs: its staying images' closures, what was linked within the grace, all where something is opaque. */
function neededIn(
  snapshot: CacheSnapshot,
  repository: RepositoryFound,
  roots: ReadonlySet<string>,
  oldest: number,
): ReadonlySet<string> {
  const needed = new Set<string>();
  let opaque = repository.opaque;
  const fresh = [...repository.revisions].filter(([, linkedAt]) => linkedAt * 1000 > oldest).map(([hex]) => hex);
  for (const root of [...roots, ...fresh]) {
    const closure = closureOf(snapshot, repository, root);
    for (const hex of closure.digests) needed.add(hex);
    opaque ||= closure.opaque;
  }
  for (const [hex, linkedAt] of repository.layers) if (opaque || linkedAt * 1000 > oldest) needed.add(hex);
  if (opaque) for (const hex of repository.revisions.keys()) needed.add(hex);
  return needed;
}
