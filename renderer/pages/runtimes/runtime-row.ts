import { assertNever } from '../../../preload/contract/assert-never.ts';
import type { Proof, RuntimeView } from '../../../preload/contract/runtime.ts';
import type { MirrorState, NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';

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

/** The shape and colour beside the words: green for proven and nothing else. */
export function markOf(standing: Standing): MirrorState {
  switch (standing.kind) {
    case 'proven':
      return 'up';
    case 'lapsed':
      return standing.state;
    case 'unproven':
      return 'slow';
    case 'direct':
    case 'foreign':
    case 'unknown':
      return 'unknown';
    default:
      return assertNever(standing);
  }
}

export interface RuntimeRow {
  readonly view: RuntimeView;
  readonly standing: Standing;
  /** The job at work on this engine, or the last one that ended not long ago. */
  readonly task: Task | undefined;
  readonly running: boolean;
  /** A route can be chosen. Going direct is possible with a stopped engine too, where our files are there. */
  readonly switchable: boolean;
  readonly testable: boolean;
}

const jobs: ReadonlySet<Task['kind']> = new Set(['switch', 'prove', 'undo']);

/** The engines that are there, in the core's order; `since` (ms since 1970) leaves out what ended before. */
export function runtimeRows(
  runtimes: readonly RuntimeView[],
  nodes: readonly NodeView[],
  tasks: readonly Task[],
  since: number,
): RuntimeRow[] {
  return runtimes
    .filter(({ state }) => state !== 'absent')
    .map((view) => {
      const task = tasks.findLast(
        (each) =>
          jobs.has(each.kind) &&
          each.subject === view.id &&
          (each.state === 'running' || (each.endedAt ?? each.startedAt) >= since),
      );
      const running = task?.state === 'running';
      const standing = standingOf(view, nodes);
      return {
        view,
        standing,
        task,
        running,
        switchable: !running && (view.state === 'found' || (view.state === 'stopped' && (view.route?.length ?? 0) > 0)),
        testable: !running && view.state === 'found' && (view.route?.length ?? 0) > 0,
      };
    });
}
