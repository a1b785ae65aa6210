import type { Route } from './runtime.ts';

/** Whether two routes lead through the same nodes in the same order; one that is not known is like no other. */
export function sameRoute(a: Route | undefined, b: Route | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((each, at) => each === b[at]);
}
