import type { Proof, RuntimeView } from './runtime.ts';
import type { MirrorState, NodeView } from './status.ts';

/**
 * What an engine's route is worth now. proven: a real pull went through a node of the route, and that node is up. lapsed: it was proven
 * once, but the node is not well now (`state`). unproven: it is set, and nothing showed yet that it is used. direct: no mirror. foreign: mirrors
 * that are not ours. unknown: the engine cannot be asked.
 */
export type Standing =
  | { readonly kind: 'proven'; readonly proof: Proof }
  | { readonly kind: 'lapsed'; readonly proof: Proof; readonly state: Exclude<MirrorState, 'up'> }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'direct' }
  | { readonly kind: 'foreign'; readonly mirrors: readonly string[] }
  | { readonly kind: 'unknown' };

export function standingOf(view: RuntimeView, nodes: readonly Pick<NodeView, 'name' | 'state'>[]): Standing {
  if (view.state !== 'found') return { kind: 'unknown' };
  if (view.route === undefined)
    return view.mirrors.length > 0 ? { kind: 'foreign', mirrors: view.mirrors } : { kind: 'unknown' };
  if (view.route.length === 0) return { kind: 'direct' };
  const { proof } = view;
  if (proof === undefined || !view.route.includes(proof.node)) return { kind: 'unproven' };
  const state = nodes.find((node) => node.name === proof.node)?.state ?? 'unknown';
  return state === 'up' ? { kind: 'proven', proof } : { kind: 'lapsed', proof, state };
}
