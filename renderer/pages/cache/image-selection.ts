import type { CachedImage, PrunePolicy, PrunePreview } from '../../../preload/contract/cache.ts';
import type { Saying } from '../../../preload/contract/saying.ts';
import { type ImageRow, imageName } from './image-row.ts';

/** The chosen images of one node, as a prune is asked. `graceSeconds` only where it is not the core's own hour. */
export interface NodeChoice {
  readonly node: string;
  readonly policy: PrunePolicy;
  readonly graceSeconds?: number;
}

/** One prune for each node that has chosen images, nodes and names in order so that equal choices ask equal questions. */
export function choicesOf(rows: readonly ImageRow[], selected: ReadonlySet<string>): readonly NodeChoice[] {
  const byNode = new Map<string, string[]>();
  for (const row of rows) {
    if (!selected.has(row.key)) continue;
    const names = byNode.get(row.node);
    if (names) names.push(row.name);
    else byNode.set(row.node, [row.name]);
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

/** Several nodes' previews as one answer. */
export interface Answer {
  readonly freedBytes: number;
  readonly blobs: number;
  readonly victims: readonly { readonly node: string; readonly image: CachedImage }[];
  readonly kept: readonly { readonly node: string; readonly why: Saying }[];
}

export function together(previews: readonly PrunePreview[]): Answer {
  return {
    freedBytes: previews.reduce((sum, each) => sum + each.freedBytes, 0),
    blobs: previews.reduce((sum, each) => sum + each.blobs, 0),
    victims: previews.flatMap(({ node, victims }) => victims.map((image) => ({ node, image }))),
    kept: previews.flatMap(({ node, kept }) => kept.map((why) => ({ node, why }))),
  };
}

/**
 * The prunes that take just what an answer showed: its images by name. A node whose answer has no image, only leftovers of earlier pulls,
 * keeps its policy. What was asked of the last hour stays asked.
 */
export function exactly(choices: readonly NodeChoice[], answer: Answer): readonly NodeChoice[] {
  return choices.map((choice) => {
    const victims = answer.victims.filter(({ node }) => node === choice.node);
    const images = victims.map(({ image }) => imageName(image));
    return images.length === 0 ? choice : { ...choice, policy: { kind: 'images', images } };
  });
}
