import type { ActivityEntry, ActivityKind, ActivityPage } from '../../../preload/contract/activity.ts';

/** What of the journal is shown. No kinds means every kind. */
export interface ActivityFilter {
  readonly kinds: readonly ActivityKind[];
  readonly subject: string | undefined;
}

export function matches(entry: ActivityEntry, filter: ActivityFilter): boolean {
  return (
    (filter.kinds.length === 0 || filter.kinds.includes(entry.kind)) &&
    (filter.subject === undefined || entry.subject === filter.subject)
  );
}

/**
 * The pages at hand after news of one entry: put in its place where it is known, at the head where it is new. Older than all that was
 * loaded and not the last page: left for the page that will bring it.
 */
export function withEntry(
  pages: readonly ActivityPage[],
  entry: ActivityEntry,
  filter: ActivityFilter,
): readonly ActivityPage[] {
  const known = pages.some((page) => page.entries.some((each) => each.id === entry.id));
  if (known) {
    return pages.map((page) => ({
      ...page,
      entries: page.entries.map((each) => (each.id === entry.id ? entry : each)),
    }));
  }
  const [first, ...rest] = pages;
  if (first === undefined || !matches(entry, filter)) return pages;
  const oldest = pages.at(-1)?.entries.at(-1);
  if (oldest !== undefined && entry.startedAt < oldest.startedAt && pages.at(-1)?.more === true) return pages;
  return [{ ...first, entries: [entry, ...first.entries] }, ...rest];
}

/** What the next page is asked for: entries begun before the oldest at hand; undefined at the end. */
export function nextBefore(page: ActivityPage): number | undefined {
  return page.more ? page.entries.at(-1)?.startedAt : undefined;
}
