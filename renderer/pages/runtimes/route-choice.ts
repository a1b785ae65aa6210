import type { Route } from '../../../preload/contract/runtime.ts';
import type { MirrorState, NodeView } from '../../../preload/contract/status.ts';

/** A node that a route may lead through. */
export interface RouteOption {
  readonly node: string;
  readonly state: MirrorState;
  /** Nothing can be pulled through a node that was only added. */
  readonly applied: boolean;
}

export function routeOptions(nodes: readonly NodeView[]): RouteOption[] {
  return nodes
    .map(({ name, state, applied }) => ({ node: name, state, applied }))
    .toSorted((a, b) => Number(b.applied) - Number(a.applied) || a.node.localeCompare(b.node));
}

/** The value of a list of choices for a route: its only node, `direct`, or `several`. */
export function choiceOf(route: Route | undefined): string {
  if (route === undefined) return '';
  if (route.length === 0) return choices.direct;
  return route.length === 1 && route[0] !== undefined ? `${choices.node}${route[0]}` : choices.several;
}

/** A node may be called like one of the other choices, so its own begins with a sign that no name has. */
export const choices = { direct: 'direct', several: 'several', node: '@' } as const;

/** The route of a choice; undefined for several, whose order is asked next. */
export function routeOf(choice: string): Route | undefined {
  if (choice === choices.direct) return [];
  return choice.startsWith(choices.node) ? [choice.slice(choices.node.length)] : undefined;
}

export function withNode(route: Route, node: string): Route {
  return route.includes(node) ? route.filter((each) => each !== node) : [...route, node];
}

/** The route with one node a place earlier (-1) or later (1); at an end it stays. */
export function moved(route: Route, node: string, by: -1 | 1): Route {
  const at = route.indexOf(node);
  const to = at + by;
  if (at < 0 || to < 0 || to >= route.length) return route;
  const next = [...route];
  next.splice(at, 1);
  next.splice(to, 0, node);
  return next;
}

/** The route that a link asked for, as far as its nodes can be pulled through; undefined where none is left. */
export function askedRoute(asked: string | undefined, options: readonly RouteOption[]): Route | undefined {
  if (asked === undefined) return undefined;
  if (asked === choices.direct) return [];
  const usable = new Set(options.filter(({ applied }) => applied).map(({ node }) => node));
  const route = asked.split(',').filter((node) => usable.has(node));
  return route.length === 0 ? undefined : route;
}
