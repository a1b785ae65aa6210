import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { ImageRow } from './image-row.ts';

/** The bytes of one repository over all rows, each content once. */
export interface RepositoryShare {
  readonly upstream: string;
  readonly repository: string;
  readonly images: number;
  readonly bytes: number;
}

/** A rectangle in px. `repositories` is the one it stands for, or those folded into "others". */
export interface Tile {
  readonly upstream: string;
  readonly repositories: readonly string[];
  readonly images: number;
  readonly bytes: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An upstream's frame around its tiles; its name stands in the strip at the top. */
export interface Frame extends Omit<Tile, 'repositories'> {
  readonly tiles: readonly Tile[];
}

/** The strip at the top of a frame that holds the upstream's name, px. */
export const frameHeader = 20;

/** A repository smaller than this share of all bytes would be a sliver no one can read or hit; it is folded into "others". */
const smallestShare = 0.012;

/**
 * Bytes by repository, the biggest first. Two tags of one content count once; a layer that different images share is counted with each,
 * since the list has no sizes of layers.
 */
export function repositoryShares(rows: readonly ImageRow[]): readonly RepositoryShare[] {
  const shares = new Map<string, RepositoryShare>();
  const seen = new Set<string>();
  for (const { node, image } of rows) {
    const name = `${image.upstream}/${image.repository}`;
    const content = `${node} ${name}@${image.digest}`;
    const bytes = seen.has(content) ? 0 : image.bytes;
    seen.add(content);
    const share = shares.get(name) ?? { upstream: image.upstream, repository: image.repository, images: 0, bytes: 0 };
    shares.set(name, { ...share, images: share.images + 1, bytes: share.bytes + bytes });
  }
  return [...shares.values()].toSorted((a, b) => b.bytes - a.bytes || (a.repository < b.repository ? -1 : 1));
}

interface Leaf {
  readonly upstream: string;
  readonly repositories: readonly string[];
  readonly images: number;
  readonly bytes: number;
}

/** One upstream's repositories with the small ones folded; a single small one stays itself, folding it would only hide its name. */
function leavesOf(shares: readonly RepositoryShare[], total: number): readonly Leaf[] {
  const isSmall = (share: RepositoryShare): boolean => share.bytes < total * smallestShare;
  const small = shares.filter(isSmall);
  const folded = small.length > 1 ? small : [];
  const leaf = ({ repository, ...share }: RepositoryShare): Leaf => ({ ...share, repositories: [repository] });
  const big = shares.filter((share) => !folded.includes(share)).map(leaf);
  const [first] = folded;
  if (first === undefined) return big;
  return [
    ...big,
    {
      upstream: first.upstream,
      repositories: folded.map((share) => share.repository),
      images: folded.reduce((sum, share) => sum + share.images, 0),
      bytes: folded.reduce((sum, share) => sum + share.bytes, 0),
    },
  ];
}

interface Datum {
  readonly bytes: number;
  readonly leaf?: Leaf;
  readonly children?: readonly Datum[];
}

/** Frames of upstreams with their repositories' tiles, laid into a box of px. Nothing without bytes or without room. */
export function treemapLayout(shares: readonly RepositoryShare[], width: number, height: number): readonly Frame[] {
  const total = shares.reduce((sum, share) => sum + share.bytes, 0);
  if (total === 0 || width <= 0 || height <= 0) return [];
  const upstreams = [...new Set(shares.map((share) => share.upstream))];
  const root: Datum = {
    bytes: 0,
    children: upstreams.map((upstream) => ({
      bytes: 0,
      children: leavesOf(
        shares.filter((share) => share.upstream === upstream),
        total,
      ).map((leaf) => ({ bytes: leaf.bytes, leaf })),
    })),
  };
  const tree = hierarchy(root, (datum) => datum.children)
    .sum((datum) => datum.bytes)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const laid = treemap<Datum>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingTop((node) => (node.depth === 1 ? frameHeader : 0))
    .paddingInner(2)
    .round(true)(tree);
  /** Padding pushes tiles of no bytes a little out of their frame; they stay inside, with no size. */
  const inside = (value: number, end: number): number => Math.min(Math.max(value, 0), end);
  const box = (node: { x0: number; y0: number; x1: number; y1: number }) => {
    const [x, y] = [inside(node.x0, width), inside(node.y0, height)];
    return {
      x,
      y,
      width: Math.max(0, inside(node.x1, width) - x),
      height: Math.max(0, inside(node.y1, height) - y),
    };
  };
  return (laid.children ?? []).map((frame) => {
    const tiles = (frame.children ?? []).flatMap((tile) =>
      tile.data.leaf === undefined ? [] : [{ ...tile.data.leaf, ...box(tile) }],
    );
    return {
      upstream: tiles[0]?.upstream ?? '',
      images: tiles.reduce((sum, tile) => sum + tile.images, 0),
      bytes: tiles.reduce((sum, tile) => sum + tile.bytes, 0),
      ...box(frame),
      tiles,
    };
  });
}
