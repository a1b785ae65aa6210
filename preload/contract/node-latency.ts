import type { NodeView } from './status.ts';

/** The middle value; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

export const known = <T>(values: readonly (T | null | undefined)[]): T[] =>
  values.filter((value) => value !== undefined && value !== null);

/** The last probes of each mirror of a node in ms, oldest first; null for one that failed. */
export function latencySeries(node: Pick<NodeView, 'mirrors'>): (readonly (number | null)[])[] {
  return node.mirrors.map((mirror) => mirror.recentMs ?? known([mirror.cached?.manifestMs]));
}

/** How fast a node is, in ms: the median of the last cached probes over all its mirrors; undefined where none succeeded. */
export function nodeLatency(node: Pick<NodeView, 'mirrors'>): number | undefined {
  return median(known(latencySeries(node).flat()));
}
