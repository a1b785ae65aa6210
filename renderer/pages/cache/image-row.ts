import type { CachedImage, CacheList } from '../../../preload/contract/cache.ts';

/** One line of the table: an image in the cache of one node. `name` is what a person types and a prune or pin is given. */
export interface ImageRow {
  readonly key: string;
  readonly node: string;
  readonly name: string;
  /** What the search looks in, lower case. */
  readonly haystack: string;
  readonly image: CachedImage;
}

/** `docker.io/library/nginx:alpine`, or `ghcr.io/a/b@sha256:…` for what was pulled by digest only. */
export function imageName(image: Pick<CachedImage, 'upstream' | 'repository' | 'tag' | 'digest'>): string {
  const name = `${image.upstream}/${image.repository}`;
  return image.tag === undefined ? `${name}@${image.digest}` : `${name}:${image.tag}`;
}

/** What stands behind the repository: `:alpine`, or the digest's first twelve digits. */
export function versionText(image: Pick<CachedImage, 'tag' | 'digest'>): string {
  return image.tag ?? `@${image.digest.replace(/^sha256:/, '').slice(0, 12)}`;
}

/** The rows of one or several nodes' caches. */
export function imageRows(lists: readonly CacheList[]): readonly ImageRow[] {
  return lists.flatMap(({ node, images }) =>
    images.map((image) => {
      const name = imageName(image);
      const haystack = `${name} ${image.digest} ${image.platforms?.join(' ') ?? ''}`.toLowerCase();
      return { key: `${node} ${name}`, node, name, haystack, image };
    }),
  );
}

/** What of the rows is shown. `repository` means one repository of `upstream`; `repositories` a folded group of them. */
export interface RowFilter {
  readonly search: string;
  readonly upstream?: string | undefined;
  readonly repositories?: readonly string[] | undefined;
  readonly pinnedOnly?: boolean;
}

/** The rows that hold every word of the search and stand in the chosen part of the cache. */
export function shownRows(rows: readonly ImageRow[], filter: RowFilter): readonly ImageRow[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const repositories = filter.repositories === undefined ? undefined : new Set(filter.repositories);
  return rows.filter(
    ({ image, haystack }) =>
      (filter.upstream === undefined || image.upstream === filter.upstream) &&
      (repositories === undefined || repositories.has(image.repository)) &&
      (filter.pinnedOnly !== true || image.pinned === true) &&
      words.every((word) => haystack.includes(word)),
  );
}

/** By name and node. A plain comparison: names are ASCII, and `localeCompare` over 10,000 of them is a pause one sees. */
export function byName(a: ImageRow, b: ImageRow): number {
  return compareText(a.name, b.name) || compareText(a.node, b.node);
}

/** By a figure of the image, equal ones by name, so that nothing jumps. */
export function byFigure(figure: (image: CachedImage) => number): (a: ImageRow, b: ImageRow) => number {
  return (a, b) => figure(a.image) - figure(b.image) || byName(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
