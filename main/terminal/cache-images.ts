import type { CacheList, CachedImage, PrunePreview } from '../../preload/contract/cache.ts';
import { imageName } from '../cache/image-name.ts';
import { agoText, bytesText } from './figures.ts';
import { tableLines } from './table.ts';

/** Images as a table, in the order given. Pure. */
export function imageLines(images: readonly CachedImage[], now: number): string[] {
  return tableLines(
    [
      { heading: 'IMAGE' },
      { heading: 'SIZE', figures: true },
      { heading: 'ALONE', figures: true },
      { heading: 'LAST PULL' },
      { heading: 'PLATFORMS' },
    ],
    images.map((image) => [
      `${imageName(image)}${image.pinned === true ? '  (pinned)' : ''}`,
      bytesText(image.bytes),
      bytesText(image.exclusiveBytes),
      agoText(image.lastUse, now),
      image.platforms?.join(' ') ?? '–',
    ]),
  );
}

/** A node's cache in one line. Pure. */
export function cacheSumLine({ images, blobs, bytes, leftoverBytes = 0 }: CacheList): string {
  const left =
    leftoverBytes === 0 ? '' : ` (${bytesText(leftoverBytes)} of it no image needs; the next prune takes it)`;
  return `${images.length} images, ${blobs} blobs, ${bytesText(bytes)} on disk${left}`;
}

/** What a prune would free, in words. Pure. */
export function freesLine({
  victims,
  blobs,
  freedBytes,
}: Pick<PrunePreview, 'victims' | 'blobs' | 'freedBytes'>): string {
  const images = `${victims.length} image${victims.length === 1 ? '' : 's'}`;
  if (victims.length > 0) return `Frees ${bytesText(freedBytes)}: ${images}, ${blobs} blobs that no other image needs.`;
  return blobs === 0 ? 'Nothing to free.' : `Frees ${bytesText(freedBytes)}: ${blobs} blobs that no image needs.`;
}

/** What several prunes would free together, in words. Pure. */
export function togetherLine(previews: readonly PrunePreview[]): string {
  const sum = (of: (preview: PrunePreview) => number): number =>
    previews.reduce((total, preview) => total + of(preview), 0);
  const images = sum(({ victims }) => victims.length);
  const bytes = sum(({ freedBytes }) => freedBytes);
  const nodes = previews.filter(({ victims, blobs }) => victims.length + blobs > 0).length;
  return nodes === 0
    ? 'Together: nothing to free.'
    : `Together: frees ${bytesText(bytes)} on ${nodes} node${nodes === 1 ? '' : 's'}, ${images} image${images === 1 ? '' : 's'}.`;
}
