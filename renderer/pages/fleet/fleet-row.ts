import type { RuntimeId, RuntimeView } from '../../../preload/contract/runtime.ts';
import type { Saying } from '../../../preload/contract/saying.ts';
import { type MirrorState, type MirrorView, type NodeView, timesDirect } from '../../../preload/contract/status.ts';

/** One line of the fleet: a node with the figures that stand for it. */
export interface FleetRow {
  readonly node: NodeView;
  /** Median of the last cached probes over all its mirrors, ms. */
  readonly p50: number | undefined;
  /** Median over its mirrors of how many times faster than direct. */
  readonly times: number | undefined;
  /** Why there is no comparison: this computer is blocked, refused or offline at the upstream. */
  readonly directBecause: Saying | undefined;
  /** The last probes, oldest first: at each the median of the mirrors, null where all failed. */
  readonly recent: readonly (number | null)[];
  /** When it was last measured. */
  readonly at: number | undefined;
  /** Why it is down, where it is. */
  readonly because: Saying | undefined;
  readonly usedBy: readonly RuntimeId[];
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

const known = <T>(values: readonly (T | null | undefined)[]): T[] =>
  values.filter((value) => value !== undefined && value !== null);

/** The last probes of all mirrors as one series, aligned at their ends: the newest belong together. */
export function together(series: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...series.map((each) => each.length));
  return Array.from({ length }, (_, at) => {
    const column = series.map((each) => each[at - length + each.length]);
    return median(known(column)) ?? null;
  });
}

export function fleetRow(node: NodeView, usedBy: readonly RuntimeId[]): FleetRow {
  const series = node.mirrors.map((mirror) => mirror.recentMs ?? known([mirror.cached?.manifestMs]));
  const times = median(known(node.mirrors.map(timesDirect)));
  return {
    node,
    p50: median(known(series.flat())),
    times,
    directBecause: times === undefined ? node.mirrors.find((mirror) => mirror.directBecause)?.directBecause : undefined,
    recent: together(series),
    at: node.seenAt,
    because: node.state === 'down' ? node.mirrors.find((mirror) => mirror.because)?.because : undefined,
    usedBy,
  };
}

/** The runtimes whose route has the node in it. */
export function usersOf(node: string, runtimes: readonly RuntimeView[]): RuntimeId[] {
  return runtimes.filter((runtime) => runtime.route?.includes(node)).map(({ id }) => id);
}

/** Makes rows that stay the same object while their node and its users are the same, so that only what changed is drawn again. */
export function createRows(): (nodes: readonly NodeView[], runtimes: readonly RuntimeView[]) => FleetRow[] {
  const made = new WeakMap<NodeView, FleetRow>();
  return (nodes, runtimes) =>
    nodes.map((node) => {
      const usedBy = usersOf(node.name, runtimes);
      const last = made.get(node);
      if (last && last.usedBy.join() === usedBy.join()) return last;
      const row = fleetRow(node, usedBy);
      made.set(node, row);
      return row;
    });
}

/** Every upstream that some node serves, those that most nodes serve first, else in the order they appear. */
export function upstreamsOf(nodes: readonly NodeView[]): string[] {
  const count = new Map<string, number>();
  for (const { mirrors } of nodes)
    for (const { upstream } of mirrors) count.set(upstream, (count.get(upstream) ?? 0) + 1);
  return [...count].toSorted(([, a], [, b]) => b - a).map(([upstream]) => upstream);
}

const shortNames: Readonly<Record<string, string>> = {
  'registry.k8s.io': 'k8s',
  'mcr.microsoft.com': 'mcr',
  'public.ecr.aws': 'ecr',
};

/** An upstream in the width of a column: `docker.io`, `k8s`; the whole name is on hover. */
export function shortUpstream(upstream: string): string {
  return shortNames[upstream] ?? upstream.replace(/^registry\.(?=[^.]+\.[^.]+)/, '');
}

/** The word beside a mirror's shape where the upstream said a number: `429` when no pull is left, `401` when it refuses. */
export function cellWord(mirror: MirrorView): string | undefined {
  if (mirror.state !== 'degraded') return undefined;
  if (mirror.quota?.remaining === 0) return '429';
  const status = mirror.atUpstream?.status;
  return status !== undefined && status >= 400 ? String(status) : undefined;
}

const badness: readonly MirrorState[] = ['down', 'degraded', 'slow', 'unknown', 'up'];

/** The worst first, as someone who looks for trouble wants them. */
export function byState(a: FleetRow, b: FleetRow): number {
  return badness.indexOf(a.node.state) - badness.indexOf(b.node.state);
}
