import { assertNever } from './assert-never.ts';
import type { MirrorState } from './status.ts';

/** A node as the ranking sees it: its state and its measured latency in ms, where there is one. */
export interface RankedNode {
  readonly name: string;
  readonly state: MirrorState;
  readonly latencyMs?: number;
}

/** A node overtakes one that stands before it only when it is faster by this factor and by this many ms; else a route would flutter. */
const fasterFactor = 0.8;
const fasterMs = 10;

/**
 * The order of nodes, best first: by how well they serve, then by latency. `previous` is the order that stands; of two nodes that serve
 * alike the one before stays before, unless the other is clearly faster. Pure.
 */
export function rankNodes(nodes: readonly RankedNode[], previous: readonly string[] = []): string[] {
  const standing = nodes.toSorted((a, b) => place(previous, a.name) - place(previous, b.name));
  const ranked: RankedNode[] = [];
  for (const node of standing) {
    const passes = (before: RankedNode): boolean =>
      overtakes(node, before, previous.includes(before.name) && previous.includes(node.name));
    const last = ranked.findLastIndex((before) => !passes(before));
    ranked.splice(last + 1, 0, node);
  }
  return ranked.map((node) => node.name);
}

function overtakes(node: RankedNode, before: RankedNode, bothStood: boolean): boolean {
  const [mine, theirs] = [worth(node.state), worth(before.state)];
  if (mine !== theirs) return mine < theirs;
  const [fast, slow] = [node.latencyMs ?? Infinity, before.latencyMs ?? Infinity];
  if (!bothStood) return fast < slow;
  return fast < slow * fasterFactor && slow - fast > fasterMs;
}

function place(order: readonly string[], name: string): number {
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}

/** 0 serves everything, 1 serves it slowly, 2 only what is cached, 3 not known, 4 not at all. */
function worth(state: MirrorState): number {
  switch (state) {
    case 'up':
      return 0;
    case 'slow':
      return 1;
    case 'degraded':
      return 2;
    case 'unknown':
      return 3;
    case 'down':
      return 4;
    default:
      return assertNever(state);
  }
}
