import { assertNever } from '../../../preload/contract/assert-never.ts';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import { type Standing, standingOf } from '../../../preload/contract/standing.ts';
import type { MirrorState, NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';

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
