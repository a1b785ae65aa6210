import { assertNever } from '../../preload/contract/assert-never.ts';
import type { PrunePolicy, PrunePreview } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type { CacheSnapshot } from './cache-snapshot.ts';
import { fullImageName, imageName } from './image-name.ts';
import type { ImageFound, Inventory } from './inventory.ts';
import { isPinned, pinName } from './pin-names.ts';
import { type Leftovers, type StoredName, leftoversOf } from './leftovers.ts';

/** A running pull stores its manifest before its layers come; within this time nothing new is taken away. Seconds. */
export const defaultGraceSeconds = 3600;

export interface PruneRules {
  /** Milliseconds since 1970 by the server's clock; the snapshot's own time unless given. */
  readonly now?: number;
  readonly graceSeconds?: number;
}

/** What goes, in the order in which it goes: tags, revisions (indexes before what they list), layer links, blobs (hex). */
export interface PrunePlan {
  readonly victims: readonly ImageFound[];
  /** Why images that the policy meant stay, a sentence each about its `image`. */
  readonly kept: readonly Saying[];
  readonly tags: readonly StoredName[];
  readonly revisions: readonly StoredName[];
  readonly layers: readonly StoredName[];
  readonly blobs: readonly string[];
  /** Disk space of those blobs, in bytes. */
  readonly freedBytes: number;
}

/**
 * Decides what a prune takes away: the victims of the policy, and with them everything that hangs on no surviving manifest (what an
 * interrupted run left included). Never what is pinned or newer than the grace. Throws `image-not-cached` for a name that is not there.
 */
export function planPrune(inventory: Inventory, policy: PrunePolicy, rules: PruneRules = {}): PrunePlan {
  const { snapshot, images } = inventory;
  const graceSeconds = rules.graceSeconds ?? defaultGraceSeconds;
  const now = rules.now ?? Number(snapshot.at) * 1000;
  const oldest = graceSeconds === 0 ? Number.POSITIVE_INFINITY : now - graceSeconds * 1000;
  const pins = new Set(snapshot.pins.map(pinName).filter((pin) => pin !== undefined));
  const whyKept = (found: ImageFound): Saying | undefined => {
    if (isPinned(found, pins)) return { code: 'image-pinned', values: { image: found.name } };
    const linkedAt = (found.repository.revisions.get(found.root) ?? 0) * 1000;
    if (Math.max(found.image.lastUse, linkedAt) > oldest) return usedWithin(found.name, graceSeconds);
    return undefined;
  };

  const wanted = candidates(images, policy, now);
  const removable = wanted.filter((found) => whyKept(found) === undefined);
  const stay = (victims: ReadonlySet<ImageFound>): Leftovers =>
    leftoversOf(
      snapshot,
      images.filter((found) => !victims.has(found)),
      oldest,
    );
  const victims =
    policy.kind === 'to-size' ? untilItFits(snapshot, images, removable, stay, policy.bytes) : new Set(removable);
  const left = stay(victims);
  const tooBig = policy.kind === 'to-size' && totalBytes(snapshot) - left.freedBytes > policy.bytes;
  const kept = policy.kind === 'to-size' && !tooBig ? [] : wanted.map(whyKept).filter((reason) => reason !== undefined);

  const goingTags = new Set([...victims].map((found) => found.name));
  const tags = snapshot.repositories.flatMap((repository) =>
    repository.tags
      .filter((tag) => {
        const listed = tag.hex !== undefined && snapshot.blobs.has(tag.hex) && repository.revisions.has(tag.hex);
        if (listed)
          return goingTags.has(
            imageName({ upstream: repository.upstream, repository: repository.name, tag: tag.name }),
          );
        return tag.usedAt * 1000 <= oldest;
      })
      .map((tag) => ({ storage: repository.storage, repository: repository.name, name: tag.name })),
  );
  return { victims: [...victims], kept, tags, ...left };
}

/** The contract's preview of a plan. */
export function prunePreview(node: string, policy: PrunePolicy, plan: PrunePlan): PrunePreview {
  return {
    node,
    policy,
    victims: plan.victims.map((found) => found.image),
    freedBytes: plan.freedBytes,
    blobs: plan.blobs.length,
    kept: [...plan.kept],
  };
}

/** The images a policy means, the least recently used first. */
function candidates(images: readonly ImageFound[], policy: PrunePolicy, now: number): readonly ImageFound[] {
  const byUse = images.toSorted((a, b) => a.image.lastUse - b.image.lastUse || (a.name < b.name ? -1 : 1));
  switch (policy.kind) {
    case 'all':
    case 'to-size':
      return byUse;
    case 'older-than':
      return byUse.filter((found) => found.image.lastUse < now - policy.seconds * 1000);
    case 'images': {
      const names = new Set(policy.images.map(fullImageName));
      const there = new Set(images.map((found) => found.name));
      const missing = [...names].filter((name) => !there.has(name));
      if (missing.length > 0) {
        fail({
          code: 'image-not-cached',
          message: `Not in the cache: ${missing.join(', ')}. Nothing was removed.`,
          hint: 'The list of cached images has every name as it must be given.',
        });
      }
      return byUse.filter((found) => names.has(found.name));
    }
    default:
      return assertNever(policy);
  }
}

/** Takes the least recently used first until what is left fits. Counts holders, so that each step costs only its own image. */
function untilItFits(
  snapshot: CacheSnapshot,
  images: readonly ImageFound[],
  removable: readonly ImageFound[],
  stay: (victims: ReadonlySet<ImageFound>) => Leftovers,
  bytes: number,
): Set<ImageFound> {
  const victims = new Set<ImageFound>();
  const alone = stay(new Set(removable));
  const goes = new Set(alone.blobs);
  const holders = new Map<string, number>();
  for (const { closure } of images) for (const hex of closure) holders.set(hex, (holders.get(hex) ?? 0) + 1);
  let left = totalBytes(snapshot) - stay(victims).freedBytes;
  for (const found of removable) {
    if (left <= bytes) break;
    victims.add(found);
    for (const hex of found.closure) {
      const count = (holders.get(hex) ?? 1) - 1;
      holders.set(hex, count);
      if (count === 0 && goes.has(hex)) left -= snapshot.blobs.get(hex)?.disk ?? 0;
    }
  }
  return victims;
}

function totalBytes(snapshot: CacheSnapshot): number {
  let bytes = 0;
  for (const blob of snapshot.blobs.values()) bytes += blob.disk;
  return bytes;
}

function usedWithin(image: string, seconds: number): Saying {
  if (seconds === 3600) return { code: 'image-used-within-hour', values: { image } };
  if (seconds % 3600 === 0) return { code: 'image-used-within-hours', values: { image, hours: seconds / 3600 } };
  if (seconds % 60 === 0) return { code: 'image-used-within-minutes', values: { image, minutes: seconds / 60 } };
  return { code: 'image-used-within-seconds', values: { image, seconds } };
}
