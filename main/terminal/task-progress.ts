import type { Task, TaskStep } from '../../preload/contract/task.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import { bytesText } from './figures.ts';
import { say } from './sayings.ts';
import type { Session } from './session.ts';

const marks: Readonly<Record<TaskStep['state'], string>> = {
  waiting: '·',
  running: '▸',
  done: '✓',
  failed: '✕',
  skipped: '–',
  undone: '↶',
};

/** One step as a line: mark, label, progress, why it failed or what else is said of it. Pure. */
export function stepLine(step: TaskStep): string {
  const { progress } = step;
  const amount =
    progress === undefined || step.state === 'done'
      ? ''
      : progress.unit === 'bytes'
        ? `  ${bytesText(progress.done)}${progress.total > 0 ? ` of ${bytesText(progress.total)}` : ''}`
        : `  ${progress.done}${progress.total > 0 ? ` of ${progress.total}` : ''}`;
  const said = step.problem?.message ?? (step.note && say(step.note));
  return `${marks[step.state]} ${step.label}${amount}${said === undefined ? '' : `  (${said})`}`;
}

/**
 * Runs a call that ends with a task, showing its steps while it runs: redrawn in place on a terminal, one plain line for each finished
 * step in a pipe, nothing in JSON mode. Ctrl-C cancels the task and waits for it to say what it left. A failed task throws its Problem.
 */
export async function showingTask(session: Session, subject: string, call: () => Promise<Task>): Promise<Task> {
  const [task] = await showingTasks(session, [subject], async () => [await call()]);
  if (task === undefined) throw new Error('a call that ends with a task ended with none');
  throwIfEndedBadly(task);
  return task;
}

/** The Problem of a task that failed or was cancelled. */
export function throwIfEndedBadly(task: Task): void {
  // A switch that was stopped and could not be taken back needs its own words.
  if (task.state === 'cancelled' && task.problem?.code !== 'restore-failed') throw new ProblemError(stopped(task));
  if (task.problem) throw new ProblemError(task.problem);
}

/** Like {@link showingTask}, for a call that ends with a task for each of several subjects; what failed is in the tasks. */
export function showingTasks(
  session: Session,
  subjects: readonly string[],
  call: () => Promise<Task[]>,
): Promise<Task[]> {
  return session.interruption.whileWorking(() => show(session, subjects, call));
}

async function show(session: Session, subjects: readonly string[], call: () => Promise<Task[]>): Promise<Task[]> {
  const stop = new AbortController();
  const shown = new Set<string>();
  const tasks = new Map<string, Task>();
  const asked = new Set<string>();
  let stopping = false;
  let ended = false;
  const draw = (task: Task): void => {
    tasks.set(task.subject, task);
    if (session.output.json) return;
    if (session.output.live) {
      const several = subjects.length > 1;
      const lines = [...tasks.values()].flatMap(({ title, steps }) => [
        ...(several ? [title] : []),
        ...steps.map(stepLine),
      ]);
      session.output.redraw(lines);
      return;
    }
    for (const step of task.steps) {
      const key = `${task.subject} ${step.id} ${step.state}`;
      if (step.state === 'waiting' || step.state === 'running' || shown.has(key)) continue;
      shown.add(key);
      session.output.note(subjects.length > 1 ? `${task.subject}: ${stepLine(step)}` : stepLine(step));
    }
  };
  const { signal } = session.interruption;
  const cancel = (): void => {
    for (const { id, state } of tasks.values()) {
      if (state !== 'running' || asked.has(id)) continue;
      asked.add(id);
      if (!stopping) {
        session.output.note('Stopping in order … (Ctrl-C again leaves at once)');
        session.output.keep();
      }
      stopping = true;
      session.client.task.cancel({ id }).catch(() => {});
    }
  };
  const watching = (async () => {
    for await (const change of await session.client.live.watch(undefined, { signal: stop.signal })) {
      // What was still on its way when the call answered is older than the answer.
      if (ended || change.kind !== 'task' || !subjects.includes(change.task.subject)) continue;
      tasks.set(change.task.subject, change.task);
      if (signal.aborted) cancel();
      draw(change.task);
    }
  })().catch(() => {});
  signal.addEventListener('abort', cancel);
  try {
    const answer = await call();
    ended = true;
    for (const task of answer) draw(task);
    return answer;
  } finally {
    signal.removeEventListener('abort', cancel);
    stop.abort();
    await watching;
  }
}

/** What a job that was stopped leaves, and how it is finished. Pure. */
export function stopped(task: Task): Problem {
  const done = task.steps.filter((step) => step.state === 'done').map((step) => step.label);
  const last = done.at(-1);
  const left = task.steps.some((step) => step.state === 'undone')
    ? 'what was done was taken back'
    : 'what was done until then stays';
  return {
    code: 'cancelled',
    message: `"${task.title}" was stopped${last === undefined ? ' before anything was done' : ` after "${last}"; ${left}`}.`,
    hint: ways[task.kind](task.subject),
    retryable: true,
    ...(done.length > 0 ? { detail: { done: done.join('\n') } } : {}),
  };
}

const ways: Readonly<Record<Task['kind'], (subject: string) => string>> = {
  'node-apply': (node) => `Finish it: mirrorfleet node apply ${node}. Take it back: mirrorfleet node remove ${node}`,
  'node-remove': (node) => `Finish it: mirrorfleet node remove ${node}`,
  switch: (runtime) => `See where it is: mirrorfleet status. As it was: mirrorfleet switch ${runtime} direct`,
  prune: (node) => `No image is broken by it. Go on: mirrorfleet cache prune ${node}`,
  scrub: () => 'Start it again when you want.',
  'cache-schedule': () => 'Set it again: mirrorfleet cache schedule --help',
  prove: (runtime) => `Nothing was changed. Again: mirrorfleet test ${runtime}`,
  undo: () => 'See what was taken back: mirrorfleet activity',
};
