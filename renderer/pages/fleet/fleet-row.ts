import { known, latencySeries, median, nodeLatency } from '../../../preload/contract/node-latency.ts';
import type { RuntimeId, RuntimeView } from '../../../preload/contract/runtime.ts';
import type { Saying } from '../../../preload/contract/saying.ts';
import type { MirrorState, MirrorView, NodeView } from '../../../preload/contract/status.ts';
import { timesDirect } from '../../../preload/contract/times-direct.ts';
import { isStale } from '../../../preload/contract/stale.ts';

/** One line of the fleet: a node with the figures that stand for it. */
export interface FleetRow {
  readonly node: NodeView;
  /** Median of the last cached probes over all its mirrors, ms. */
  readonly p50: number | undefined;
  /** Median over its mirrors of how many times faster than direct. */
  readonly times: number | undefined;
  /** Why there is no comparison: this computer is blocked, refused or offline at the upstream. */
  readonly directBecause: Saying | undefined;
  /** When it was last measured. */
  readonly at: number | undefined;
  /** Why it is down, where it is. */
  readonly because: Saying | undefined;
  readonly usedBy: readonly RuntimeId[];
  /** Whether what is known of the node says nothing about now. */
  readonly stale: boolean;
  /** Its mirrors by upstream, as their cells show them. */
  readonly mirrors: ReadonlyMap<string, ShownMirror>;
}

export interface ShownMirror {
  readonly mirror: MirrorView;
  readonly stale: boolean;
  /** See {@link cellWord}. */
  readonly word: string | undefined;
}

/** What makes figures old: the time (ms since 1970), and whether the core is there. */
export interface Moment {
  readonly connected: boolean;
  readonly now: number;
}

/** The last probes of all mirrors as one series, aligned at their ends: the newest belong together. */
export function together(series: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...series.map((each) => each.length));
  return Array.from({ length }, (_, at) => {
    const column = series.map((each) => each[at - length + each.length]);
    return median(known(column)) ?? null;
  });
}

const recents = new WeakMap<NodeView, readonly (number | null)[]>();

/** The last probes of a node, oldest first: at each the median of its mirrors, null where all failed. Made for the nodes that are seen, once. */
export function recentOf(node: NodeView): readonly (number | null)[] {
  const recent = recents.get(node) ?? together(latencySeries(node));
  recents.set(node, recent);
  return recent;
}

export function fleetRow(node: NodeView, usedBy: readonly RuntimeId[], moment: Moment): FleetRow {
  const times = median(known(node.mirrors.map(timesDirect)));
  return {
    node,
    p50: nodeLatency(node),
    times,
    directBecause: times === undefined ? node.mirrors.find((mirror) => mirror.directBecause)?.directBecause : undefined,
    at: node.seenAt,
    because: node.state === 'down' ? node.mirrors.find((mirror) => mirror.because)?.because : undefined,
    usedBy,
    ...staleness(node, moment),
  };
}

function staleness(node: NodeView, moment: Moment): Pick<FleetRow, 'stale' | 'mirrors'> {
  const staleAt = (at: number | undefined): boolean => isStale({ ...moment, at, staleAfterMs: node.staleAfterMs });
  return {
    stale: staleAt(node.seenAt),
    mirrors: new Map(
      node.mirrors.map((mirror) => [mirror.upstream, { mirror, stale: staleAt(mirror.at), word: cellWord(mirror) }]),
    ),
  };
}

/** Whether a row still says which of its figures are old. */
function asStale(row: FleetRow, moment: Moment): boolean {
  const now = staleness(row.node, moment);
  return (
    row.stale === now.stale &&
    [...now.mirrors].every(([upstream, { stale }]) => row.mirrors.get(upstream)?.stale === stale)
  );
}

/** The runtimes whose route has the node in it. */
export function usersOf(node: string, runtimes: readonly RuntimeView[]): RuntimeId[] {
  return runtimes.filter((runtime) => runtime.route?.includes(node)).map(({ id }) => id);
}

interface Made {
  readonly row: FleetRow;
  /** The moment for which the row was last found to be right. */
  readonly moment: Moment;
}

/** Makes rows that stay the same object while all that they say is the same, so that only what changed is drawn again. */
export function createRows(): (
  nodes: readonly NodeView[],
  runtimes: readonly RuntimeView[],
  moment: Moment,
) => FleetRow[] {
  const made = new WeakMap<NodeView, Made>();
  return (nodes, runtimes, moment) =>
    nodes.map((node) => {
      const usedBy = usersOf(node.name, runtimes);
      const last = made.get(node);
      const right =
        last !== undefined &&
        last.row.usedBy.join() === usedBy.join() &&
        ((last.moment.now === moment.now && last.moment.connected === moment.connected) || asStale(last.row, moment));
      const row = right ? last.row : fleetRow(node, usedBy, moment);
      made.set(node, { row, moment });
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
