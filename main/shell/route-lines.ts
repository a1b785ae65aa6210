import { assertNever } from '../../preload/contract/assert-never.ts';
import { neverSwitched } from '../../preload/contract/never-switched.ts';
import type { Route, RuntimeId, RuntimeView } from '../../preload/contract/runtime.ts';
import { sameRoute } from '../../preload/contract/same-route.ts';
import { standingOf } from '../../preload/contract/standing.ts';
import type { NodeNow } from './node-now.ts';

/**
 * How pulls go now. through: a node that is up, and proven. down: the node does not serve, and no other of the route does. degraded: between
 * the two, or it is not known. direct: no node. other: mirrors that are not ours.
 */
export type RouteMark = 'through' | 'degraded' | 'down' | 'direct' | 'other';

/** What is said behind a route, besides the latency of its first node. */
export type RouteRemark =
  | { readonly kind: 'well' | 'slow' | 'degraded' | 'unproven' | 'direct' | 'foreign' | 'interrupted' | 'unknown' }
  /** The node does not serve; `others`: a next one of the route does, and the engine asks that instead. */
  | { readonly kind: 'down'; readonly node: string; readonly others: boolean }
  | { readonly kind: 'unseen'; readonly node: string; readonly seenAt: number | undefined };

/** One line of the header: engines that pull the same way, and what is true of it now. */
export interface RouteLine {
  readonly engines: readonly RuntimeId[];
  readonly route: Route | undefined;
  readonly mark: RouteMark;
  readonly remark: RouteRemark;
  readonly ms: number | undefined;
}

/** Whether a switch of all engines takes this one with it: it runs, and nothing of it stands in the way of ever being switched. */
export function isSwitched({ state, problem }: RuntimeView): boolean {
  return state === 'found' && !neverSwitched(problem);
}

/** The ways by which images come to this computer, those through nodes first. Pure. */
export function routeLines(
  runtimes: readonly RuntimeView[],
  nodes: readonly NodeNow[],
  directMs: number | undefined,
): RouteLine[] {
  const lines: RouteLine[] = [];
  for (const view of runtimes.filter(isSwitched)) {
    const line = lineOf(view, nodes, directMs);
    const at = lines.findIndex((each) => alike(each, line));
    const same = lines[at];
    if (same) lines[at] = { ...same, engines: [...same.engines, view.id] };
    else lines.push(line);
  }
  return lines.toSorted((a, b) => place(a) - place(b));
}

const place = ({ route }: RouteLine): number => (route === undefined ? 2 : route.length === 0 ? 1 : 0);

function alike(a: RouteLine, b: RouteLine): boolean {
  // Of engines with the same remark all have a route or none has, and on the same route the remark decides the mark.
  return a.remark.kind === b.remark.kind && (a.route === undefined || sameRoute(a.route, b.route));
}

function lineOf(view: RuntimeView, nodes: readonly NodeNow[], directMs: number | undefined): RouteLine {
  const base = { engines: [view.id], route: view.route, ms: undefined };
  const standing = standingOf(view, nodes);
  switch (standing.kind) {
    case 'unknown':
    case 'foreign': {
      if (view.problem?.code === 'switch-interrupted')
        return { ...base, mark: 'degraded', remark: { kind: 'interrupted' } };
      // What is not known may not be called direct; mirrors that are not ours are known, and are none of ours.
      return { ...base, mark: standing.kind === 'foreign' ? 'other' : 'degraded', remark: { kind: standing.kind } };
    }
    case 'direct':
      return { ...base, mark: 'direct', remark: { kind: 'direct' }, ms: directMs };
    case 'proven':
    case 'lapsed':
    case 'unproven':
      // A proof through a node that is not well now shows nothing of the one that stands before it.
      return { ...base, ...throughNodes(view.route ?? [], nodes, standing.kind === 'proven') };
    default:
      return assertNever(standing);
  }
}

/** An engine asks the nodes of its route in their order, so the first one is what its pulls feel. */
function throughNodes(
  route: Route,
  nodes: readonly NodeNow[],
  proven: boolean,
): Pick<RouteLine, 'mark' | 'remark' | 'ms'> {
  const known = route.map((name) => nodes.find((node) => node.name === name));
  const first = known[0];
  const node = route[0] ?? '';
  const state = first?.state ?? 'unknown';
  switch (state) {
    case 'down': {
      const others = known.flatMap((each) => each?.state ?? []).filter((each) => each !== 'down');
      const serves = others.some((each) => each !== 'unknown');
      return {
        mark: others.length > 0 ? 'degraded' : 'down',
        remark: { kind: 'down', node, others: serves },
        ms: undefined,
      };
    }
    case 'unknown':
      return { mark: 'degraded', remark: { kind: 'unseen', node, seenAt: first?.seenAt }, ms: undefined };
    case 'slow':
    case 'degraded':
      return { mark: 'degraded', remark: { kind: state }, ms: first?.ms };
    case 'up':
      return { mark: proven ? 'through' : 'degraded', remark: { kind: proven ? 'well' : 'unproven' }, ms: first?.ms };
    default:
      return assertNever(state);
  }
}
