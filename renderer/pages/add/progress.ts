import type { Plan, Preflight, PreflightCheck } from '../../../preload/contract/node.ts';
import type { Task } from '../../../preload/contract/task.ts';
import { type Draft, faultsOf, isAdded } from './draft.ts';
import type { Question } from './questions.ts';

/** The parts of the page from top to bottom. */
export const parts = ['host', 'question', 'checks', 'serve', 'plan', 'apply'] as const;
export type Part = (typeof parts)[number];
/** hidden: nothing to say yet. open: it is the person's turn here. settled: done, can be looked at and changed. working: the core is at it. */
export type PartState = 'hidden' | 'open' | 'settled' | 'working';

/** What is known while a node is being added. */
export interface Known {
  readonly draft: Draft;
  readonly taken: readonly string[];
  /** What the core is asked right now. */
  readonly asking: 'nothing' | 'add' | 'check' | 'plan' | 'apply';
  readonly question: Question | undefined;
  readonly preflight: Preflight | undefined;
  readonly plan: Plan | undefined;
  /** The last apply of this node, running or ended. */
  readonly task: Task | undefined;
  /** The node serves: an apply of it came to its end. */
  readonly applied: boolean;
}

/** The one thing to do next. */
export type NextStep =
  | 'fill-in'
  | 'connect'
  | 'answer'
  | 'solve'
  | 'save'
  | 'make-plan'
  | 'apply'
  | 'wait'
  | 'go-on'
  | 'finished';

/** What Mirrorfleet itself can put right while it applies. */
const installable: ReadonlySet<string> = new Set(['engine-missing', 'compose-missing']);

/** Failed checks that stand in the way; a missing engine does not where it will be installed. */
export function blockingChecks(preflight: Preflight | undefined, installEngine: boolean): readonly PreflightCheck[] {
  return (preflight?.checks ?? []).filter(
    ({ state, problem }) => state === 'failed' && !(installEngine && installable.has(problem?.code ?? '')),
  );
}

/** Whether the offer to install the engine belongs on the page. */
export function canInstall(preflight: Preflight | undefined): boolean {
  return (preflight?.checks ?? []).some(({ problem }) => installable.has(problem?.code ?? ''));
}

export function nextStep(known: Known): NextStep {
  const { draft, asking, question, preflight, plan, task } = known;
  if (known.applied && task?.state !== 'running') return 'finished';
  if (asking !== 'nothing' || task?.state === 'running') return 'wait';
  if (Object.keys(faultsOf(draft, known.taken)).length > 0) return 'fill-in';
  if (question) return 'answer';
  if (draft.added === undefined) return 'connect';
  if (!isAdded(draft)) return 'save';
  if (!preflight || blockingChecks(preflight, draft.installEngine).length > 0) return 'solve';
  if (plan) return 'apply';
  return task === undefined || task.state === 'done' ? 'make-plan' : 'go-on';
}

/** Which part of the page is in which state. Pure: the same knowledge shows the same page, however it came about. */
export function partStates(known: Known): Readonly<Record<Part, PartState>> {
  const { draft, asking, question, preflight, plan, task, applied } = known;
  const added = draft.added !== undefined;
  const running = task?.state === 'running' || asking === 'apply';
  const clear = added && preflight !== undefined && blockingChecks(preflight, draft.installEngine).length === 0;
  const changed = added && !isAdded(draft);
  return {
    host: asking === 'add' && !added ? 'working' : added ? 'settled' : 'open',
    question: question ? (asking === 'nothing' ? 'open' : 'working') : 'hidden',
    checks:
      !added && !preflight
        ? 'hidden'
        : asking === 'check' || (asking === 'add' && added)
          ? 'working'
          : clear || applied
            ? 'settled'
            : 'open',
    serve: !added ? 'hidden' : running || applied ? 'settled' : changed || !plan ? 'open' : 'settled',
    plan: asking === 'plan' ? 'working' : plan && !changed ? (running ? 'settled' : 'open') : 'hidden',
    apply: running ? 'working' : applied ? 'settled' : task ? 'open' : 'hidden',
  };
}
