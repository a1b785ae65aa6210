import type { Task, TaskStep } from '../../preload/contract/task.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import { bytesText } from './figures.ts';
import type { Session } from './session.ts';

const marks: Readonly<Record<TaskStep['state'], string>> = {
  waiting: '·',
  running: '▸',
  done: '✓',
  failed: '✕',
  skipped: '–',
  undone: '↶',
};

/** One step as a line: mark, label, progress, note. Pure. */
export function stepLine(step: TaskStep): string {
  const { progress } = step;
  const amount =
    progress === undefined || step.state === 'done'
      ? ''
      : progress.unit === 'bytes'
        ? `  ${bytesText(progress.done)}${progress.total > 0 ? ` of ${bytesText(progress.total)}` : ''}`
        : `  ${progress.done}${progress.total > 0 ? ` of ${progress.total}` : ''}`;
  return `${marks[step.state]} ${step.label}${amount}${step.note === undefined ? '' : `  (${step.note})`}`;
}

/**
 * Runs a call that ends with a task, showing its steps while it runs: redrawn in place on a terminal, one plain line for each finished
 * step in a pipe, nothing in JSON mode. Ctrl-C cancels the task and waits for it to say what it left. A failed task throws its Problem.
 */
export function showingTask(session: Session, subject: string, call: () => Promise<Task>): Promise<Task> {
  return session.interruption.whileWorking(() => show(session, subject, call));
}

async function show(session: Session, subject: string, call: () => Promise<Task>): Promise<Task> {
  const stop = new AbortController();
  const shown = new Set<string>();
  let running: string | undefined;
  let stopping = false;
  let ended = false;
  const draw = (task: Task): void => {
    if (session.output.json) return;
    if (session.output.live) {
      session.output.redraw(task.steps.map(stepLine));
      return;
    }
    for (const step of task.steps) {
      const key = `${step.id} ${step.state}`;
      if (step.state === 'waiting' || step.state === 'running' || shown.has(key)) continue;
      shown.add(key);
      session.output.note(stepLine(step));
    }
  };
  const { signal } = session.interruption;
  const cancel = (): void => {
    if (running === undefined || stopping) return;
    stopping = true;
    session.output.note('Stopping in order … (Ctrl-C again leaves at once)');
    session.output.keep();
    session.client.task.cancel({ id: running }).catch(() => {});
  };
  const watching = (async () => {
    for await (const change of await session.client.live.watch(undefined, { signal: stop.signal })) {
      // What was still on its way when the call answered is older than the answer.
      if (ended || change.kind !== 'task' || change.task.subject !== subject) continue;
      running = change.task.id;
      if (signal.aborted) cancel();
      draw(change.task);
    }
  })().catch(() => {});
  signal.addEventListener('abort', cancel);
  try {
    const task = await call();
    ended = true;
    draw(task);
    if (task.state === 'cancelled') throw new ProblemError(stopped(task));
    if (task.problem) throw new ProblemError(task.problem);
    return task;
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
  return {
    code: 'cancelled',
    message: `"${task.title}" was stopped${last === undefined ? ' before anything was done' : ` after "${last}"; what was done until then stays`}.`,
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
