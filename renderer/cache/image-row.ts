import type { CachedImage, CacheList } from '../../preload/contract/cache.ts';

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

export type SortBy = 'name' | 'size' | 'exclusive' | 'used';
export interface Sorting {
  readonly by: SortBy;
  readonly descending: boolean;
}

/** What of the rows is shown. `repository` means one repository of `upstream`; `repositories` a folded group of them. */
export interface RowFilter {
  readonly search: string;
  readonly upstream?: string | undefined;
  readonly repositories?: readonly string[] | undefined;
  readonly pinnedOnly?: boolean;
}

/** The rows that hold every word of the search and stand in the chosen part of the cache, in order. Equal ones by name, so that nothing jumps. */
export function shownRows(rows: readonly ImageRow[], filter: RowFilter, sorting: Sorting): readonly ImageRow[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const repositories = filter.repositories === undefined ? undefined : new Set(filter.repositories);
  const found = rows.filter(
    ({ image, haystack }) =>
      (filter.upstream === undefined || image.upstream === filter.upstream) &&
      (repositories === undefined || repositories.has(image.repository)) &&
      (filter.pinnedOnly !== true || image.pinned === true) &&
      words.every((word) => haystack.includes(word)),
  );
  const turn = sorting.descending ? -1 : 1;
  return found.toSorted((a, b) => turn * compare(a, b, sorting.by) || byText(a.name, b.name) || byText(a.node, b.node));
}

function compare(a: ImageRow, b: ImageRow, by: SortBy): number {
  switch (by) {
    case 'size':
      return a.image.bytes - b.image.bytes;
    case 'exclusive':
      return a.image.exclusiveBytes - b.image.exclusiveBytes;
    case 'used':
      return a.image.lastUse - b.image.lastUse;
    case 'name':
      return byText(a.name, b.name);
  }
}

/** Plain comparison: names are ASCII, and `localeCompare` over 10,000 of them costs a visible pause. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
