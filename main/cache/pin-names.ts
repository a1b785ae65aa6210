import { imageName, typedName } from './image-name.ts';
import type { ImageFound } from './inventory.ts';
import { isHex, isRepository, isStorage, isTag } from './stored-names.ts';
import { storageName } from '../fleet/node-layout.ts';

/**
 * The full name of a pin, or undefined for what is none: `nginx:alpine` is `docker.io/library/nginx:alpine`. Unlike an image's name, one without
 * tag and digest means the whole repository. Names of a registry's aliases become its own, a tag beside a digest is dropped.
 */
export function pinName(typed: string): string | undefined {
  const { upstream, repository, tag, digest } = typedName(typed);
  if (typed.split('@').length > 2) return undefined;
  // In a folder's name `_` stands before the port; a host's own name has none.
  if (upstream.includes('_') || !isStorage(storageName(upstream)) || !isRepository(repository)) return undefined;
  if (tag !== undefined && !isTag(tag)) return undefined;
  if (digest !== undefined) {
    const right = digest.startsWith('sha256:') && isHex(digest.slice('sha256:'.length));
    return right ? imageName({ upstream, repository, digest }) : undefined;
  }
  return tag === undefined ? `${upstream}/${repository}` : imageName({ upstream, repository, tag });
}

/** Whether some pin keeps an image: by its name, by its repository, or by the digest of a manifest it needs. `pins` are full names. */
export function isPinned({ image, name, repository, closure }: ImageFound, pins: ReadonlySet<string>): boolean {
  if (pins.size === 0) return false;
  const place = `${image.upstream}/${image.repository}`;
  if (pins.has(name) || pins.has(place)) return true;
  for (const pin of pins) {
    if (!pin.startsWith(`${place}@sha256:`)) continue;
    const hex = pin.slice(place.length + '@sha256:'.length);
    if (closure.has(hex) && repository.revisions.has(hex)) return true;
  }
  return false;
}
