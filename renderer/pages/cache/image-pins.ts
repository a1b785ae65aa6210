import type { ImageRow } from './image-row.ts';

/** How an image is protected: by its own pin, by one of its whole repository, or not at all. */
export type PinState =
  | { readonly kind: 'none' }
  | { readonly kind: 'image'; readonly pin: string }
  | { readonly kind: 'repository'; readonly pin: string };

/** Which pin of the node's names the image. Its own one counts before that of its repository. */
export function pinOf(row: Pick<ImageRow, 'name' | 'image'>, pins: readonly string[]): PinState {
  const { image, name } = row;
  const repository = `${image.upstream}/${image.repository}`;
  const own = [name, `${repository}@${image.digest}`].find((each) => pins.includes(each));
  if (own !== undefined) return { kind: 'image', pin: own };
  if (pins.includes(repository)) return { kind: 'repository', pin: repository };
  if (image.pinned !== true) return { kind: 'none' };
  // The digest of a manifest below it protects the whole image; or the list is newer than the pins at hand, and what it says counts.
  return { kind: 'image', pin: pins.find((pin) => pin.startsWith(`${repository}@sha256:`)) ?? name };
}
