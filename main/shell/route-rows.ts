import { rankNodes } from '../../preload/contract/ranking.ts';
import type { Route, RuntimeView } from '../../preload/contract/runtime.ts';
import { sameRoute } from '../../preload/contract/same-route.ts';
import type { MirrorState } from '../../preload/contract/status.ts';
import type { NodeNow } from './node-now.ts';
import { isSwitched } from './route-lines.ts';

/** A way that all engines can be switched to by one click. several: an order of nodes that someone set elsewhere, shown while it stands. */
export interface RouteRow {
  readonly kind: 'direct' | 'node' | 'several' | 'fastest';
  readonly route: Route;
  readonly ms: number | undefined;
  /** Of a node; of the others undefined. */
  readonly state: MirrorState | undefined;
  readonly chosen: boolean;
}

/** The rows of the tray's menu that choose a route: one of them is chosen where every engine follows the same. Pure. */
export function routeRows(
  nodes: readonly NodeNow[],
  runtimes: readonly RuntimeView[],
  directMs: number | undefined,
): RouteRow[] {
  const current = commonRoute(runtimes);
  const fastest = fastestRoute(nodes, current);
  const row = (kind: RouteRow['kind'], route: Route, ms?: number, state?: MirrorState): RouteRow => {
    return { kind, route, ms, state, chosen: sameRoute(route, current) };
  };
  return [
    row('direct', [], directMs),
    ...nodes.map(({ name, ms, state }) => row('node', [name], ms, state)),
    ...(current && current.length > 1 && !sameRoute(current, fastest) ? [row('several', current)] : []),
    ...(fastest ? [row('fastest', fastest)] : []),
  ];
}

/** The route that every engine follows which a switch would take with it; undefined where they differ or one is not known. */
export function commonRoute(runtimes: readonly RuntimeView[]): Route | undefined {
  const routes = runtimes.filter(isSwitched).map(({ route }) => route);
  const [first] = routes;
  return routes.every((each) => sameRoute(each, first)) ? first : undefined;
}

/** Every node that serves, the best first; undefined of fewer than two. An order that stands is kept where none is clearly faster. */
function fastestRoute(nodes: readonly NodeNow[], current: Route | undefined): Route | undefined {
  const serving = nodes.filter(({ state }) => state !== 'down' && state !== 'unknown');
  if (serving.length < 2) return undefined;
  return rankNodes(
    serving.map(({ name, state, ms }) => ({ name, state, ...(ms === undefined ? {} : { latencyMs: ms }) })),
    current,
  );
}
