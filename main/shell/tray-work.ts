import type { Snapshot } from '../../preload/contract/live.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Route } from '../../preload/contract/runtime.ts';
import type { Task, TaskStep } from '../../preload/contract/task.ts';
import { isSwitched } from './route-lines.ts';

/** What was asked for in the tray: under way, or how it ended (`at`, ms since 1970). */
export interface TrayWork {
  readonly kind: 'switch' | 'test';
  /** Of a switch. */
  readonly route: Route;
  readonly startedAt: number;
  readonly end?: TrayWorkEnd;
}
export interface TrayWorkEnd {
  readonly at: number;
  /** The jobs it came to, one for each engine. */
  readonly tasks: readonly Task[];
  /** Why nothing began. */
  readonly problem?: Problem;
}

/** What the tray says of work, in the place of one line. */
export type WorkLine =
  | {
      readonly kind: 'switching' | 'testing';
      readonly route: Route;
      /** How many engines are through, of how many. */
      readonly done: number;
      readonly of: number;
      readonly step: Pick<TaskStep, 'id' | 'label'> | undefined;
    }
  | { readonly kind: 'switched' | 'already'; readonly route: Route; readonly proven: boolean }
  | { readonly kind: 'tested'; readonly engines: number }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'switch-failed' | 'test-failed';
      readonly route: Route;
      readonly problem: Problem;
    }
  /** Somebody else's work: of the window, of the command line. */
  | { readonly kind: 'task'; readonly task: Pick<Task, 'kind' | 'subject' | 'title'>; readonly more: number };

/** An outcome that went well is told for so long, one that asks for something until it was seen or this long, in ms. */
const toldMs = { well: 60_000, failed: 15 * 60_000 } as const;

/** The line about work, if there is any to tell of now. Pure. */
export function workLine(
  work: TrayWork | undefined,
  snapshot: Snapshot | undefined,
  now: number,
): WorkLine | undefined {
  if (work && !work.end) return underWay(work, snapshot);
  const running = snapshot?.tasks.filter(({ state }) => state === 'running') ?? [];
  const last = running.at(-1);
  if (last) return { kind: 'task', task: last, more: running.length - 1 };
  if (!work?.end) return undefined;
  const line = outcome(work, work.end);
  const failed = line.kind === 'switch-failed' || line.kind === 'test-failed';
  return now - work.end.at > (failed ? toldMs.failed : toldMs.well) ? undefined : line;
}

function underWay({ kind, route, startedAt }: TrayWork, snapshot: Snapshot | undefined): WorkLine {
  const mine = (snapshot?.tasks ?? []).filter(
    (task) => task.kind === (kind === 'switch' ? 'switch' : 'prove') && task.startedAt >= startedAt,
  );
  const all = (snapshot?.runtimes ?? []).filter(
    (view) => isSwitched(view) && (kind === 'switch' || (view.route?.length ?? 0) > 0),
  );
  const step = mine.findLast(({ state }) => state === 'running')?.steps.findLast(({ state }) => state === 'running');
  return {
    kind: kind === 'switch' ? 'switching' : 'testing',
    route,
    done: mine.filter(({ state }) => state !== 'running').length,
    of: Math.max(all.length, mine.length),
    step: step && { id: step.id, label: step.label },
  };
}

function outcome({ kind, route }: TrayWork, { tasks, problem }: TrayWorkEnd): WorkLine {
  const failed = tasks.find((task) => task.state !== 'done' && task.state !== 'cancelled');
  const why = problem ?? failed?.problem;
  if (why) return { kind: kind === 'switch' ? 'switch-failed' : 'test-failed', route, problem: why };
  if (tasks.some(({ state }) => state === 'cancelled')) return { kind: 'cancelled' };
  if (kind === 'test') return { kind: 'tested', engines: tasks.length };
  const proven = tasks.length > 0 && tasks.every((task) => task.outcome?.['proof'] !== undefined);
  const untouched = ({ steps }: Task): boolean => steps.length > 0 && steps.every(({ state }) => state === 'skipped');
  const nothing = tasks.length > 0 && tasks.every(untouched);
  return { kind: nothing ? 'already' : 'switched', route, proven };
}
