import type { Change, Snapshot } from '../../preload/contract/live.ts';

/** A node is counted first so long after it was seen for the first time (ms): what else begins then goes first. */
export const firstAfterMs = 3 * 60_000;
/** How often it is counted after that, and how soon again where it could not be counted. */
export const everyMs = 6 * 60 * 60_000;
export const retryMs = 60 * 60_000;
/** After a prune or a repair the figure is wrong and somebody may look at it. */
export const soonMs = 2_000;
/** Times are spread by this part of them, so that a fleet is not asked in one burst. */
const jitter = 0.1;
/** How long to wait at most before the nodes are looked at anew, in ms. */
const longestWaitMs = 60_000;

/** When each node is due, in ms since 1970. */
export type DueTimes = ReadonlyMap<string, number>;

/** A moment so far from now, spread. `random` is 0 to 1. */
export function dueIn(ms: number, now: number, random: number): number {
  return now + ms * (1 - jitter + 2 * jitter * random);
}

/** The due times of the nodes that hold a cache: those known stay, new ones come a while after now. */
export function keepDue(due: DueTimes, snapshot: Snapshot, now: number, random: () => number): Map<string, number> {
  const applied = snapshot.nodes.filter((node) => node.applied).map((node) => node.name);
  // A time further away than any can be was noted before the clock was set back.
  const possible = (at: number | undefined): at is number => at !== undefined && at - now <= everyMs * (1 + jitter);
  return new Map(
    applied.map((name) => {
      const at = due.get(name);
      return [name, possible(at) ? at : dueIn(firstAfterMs, now, random())];
    }),
  );
}

/**
 * The node to count now: the longest overdue of those that answer and have no task running; otherwise how long to wait, in ms, before
 * looking again. One that is down or was never heard of would only cost a connection that fails.
 */
export function nextCount(
  due: DueTimes,
  snapshot: Snapshot,
  now: number,
): { readonly node: string } | { waitMs: number } {
  const ready = [...due]
    .filter(([name]) => snapshot.nodes.some((node) => node.name === name && !['down', 'unknown'].includes(node.state)))
    .filter(([name]) => !snapshot.tasks.some((task) => task.state === 'running' && task.subject === name))
    .toSorted(([, a], [, b]) => a - b);
  const [first] = ready;
  if (first === undefined) return { waitMs: longestWaitMs };
  const [node, at] = first;
  return at <= now ? { node } : { waitMs: Math.min(at - now, longestWaitMs) };
}

/** What a change means for the counting of a node: it was counted, its figure is wrong now, or a task needs the node for itself. */
export function newsOf(
  change: Change,
): { readonly node: string; readonly news: 'counted' | 'wrong' | 'taken' } | undefined {
  if (change.kind === 'prunable') return { node: change.prunable.node, news: 'counted' };
  if (change.kind !== 'task') return undefined;
  const { kind, state, subject } = change.task;
  if (state === 'running') return { node: subject, news: 'taken' };
  return kind === 'prune' || kind === 'scrub' ? { node: subject, news: 'wrong' } : undefined;
}
