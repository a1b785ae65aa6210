import { upstreamOf } from '../fleet/upstreams.ts';
import type { ImageFound } from './inventory.ts';
import { isHex, isRepository, isStorage, isTag } from './stored-names.ts';
import { storageName } from '../fleet/node-layout.ts';

/**
 * The full name of a pin, or undefined for what is none: `nginx:alpine` is `docker.io/library/nginx:alpine`. Unlike an image's name, one without
 * tag and digest means the whole repository. Names of a registry's aliases become its own, a tag beside a digest is dropped.
 */
export function pinName(typed: string): string | undefined {
  const [named = '', digest, ...more] = typed.split('@');
  if (more.length > 0) return undefined;
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const upstream = hasRegistry ? upstreamOf(first).id : 'docker.io';
  const rest = hasRegistry ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const repository = upstream === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!isStorage(storageName(upstream)) || !isRepository(repository)) return undefined;
  if (tag !== undefined && !isTag(tag)) return undefined;
  if (digest !== undefined) {
    const right = digest.startsWith('sha256:') && isHex(digest.slice('sha256:'.length));
    return right ? `${upstream}/${repository}@${digest}` : undefined;
  }
  return `${upstream}/${repository}${tag === undefined ? '' : `:${tag}`}`;
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
