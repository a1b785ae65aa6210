import type { CachedImage, PrunePolicy, PrunePreview } from '../../preload/contract/cache.ts';
import type { ImageRow } from './image-row.ts';

/** The chosen images of one node, as a prune is asked. */
export interface NodeChoice {
  readonly node: string;
  readonly policy: PrunePolicy;
}

/** One prune for each node that has chosen images, nodes and names in order so that equal choices ask equal questions. */
export function choicesOf(rows: readonly ImageRow[], selected: ReadonlySet<string>): readonly NodeChoice[] {
  const byNode = new Map<string, string[]>();
  for (const row of rows) {
    if (!selected.has(row.key)) continue;
    byNode.set(row.node, [...(byNode.get(row.node) ?? []), row.name]);
  }
  return [...byNode]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, images]) => ({ node, policy: { kind: 'images', images: images.toSorted() } }));
}

/** What goes at the least when exactly these go, known without asking: layers that only chosen images share are not counted yet. */
export function atLeastBytes(rows: readonly ImageRow[], selected: ReadonlySet<string>): number {
  let bytes = 0;
  const seen = new Set<string>();
  for (const { key, node, image } of rows) {
    const content = `${node} ${image.upstream}/${image.repository}@${image.digest}`;
    if (!selected.has(key) || seen.has(content)) continue;
    seen.add(content);
    bytes += image.exclusiveBytes;
  }
  return bytes;
}

/** The selection after a click on a row: alone, or with `to` the whole stretch of shown rows between the last one clicked and this. */
export function toggled(
  selected: ReadonlySet<string>,
  shown: readonly ImageRow[],
  key: string,
  from?: string,
): ReadonlySet<string> {
  const next = new Set(selected);
  const on = !selected.has(key);
  const end = shown.findIndex((row) => row.key === key);
  const start = from === undefined ? end : shown.findIndex((row) => row.key === from);
  const stretch = start < 0 ? [end] : [Math.min(start, end), Math.max(start, end)];
  for (const row of shown.slice(stretch[0], (stretch.at(-1) ?? end) + 1)) {
    if (on) next.add(row.key);
    else next.delete(row.key);
  }
  return next;
}

/** Several nodes' previews as one answer. */
export interface Answer {
  readonly freedBytes: number;
  readonly blobs: number;
  readonly victims: readonly { readonly node: string; readonly image: CachedImage }[];
  readonly kept: readonly { readonly node: string; readonly why: string }[];
}

export function together(previews: readonly PrunePreview[]): Answer {
  return {
    freedBytes: previews.reduce((sum, each) => sum + each.freedBytes, 0),
    blobs: previews.reduce((sum, each) => sum + each.blobs, 0),
    victims: previews.flatMap(({ node, victims }) => victims.map((image) => ({ node, image }))),
    kept: previews.flatMap(({ node, kept }) => kept.map((why) => ({ node, why }))),
  };
}
