import type { Task, TaskStep } from '../../preload/contract/task.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
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
export async function showingTask(session: Session, subject: string, call: () => Promise<Task>): Promise<Task> {
  const stop = new AbortController();
  const shown = new Set<string>();
  let running: string | undefined;
  const show = (task: Task): void => {
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
  const watching = (async () => {
    for await (const change of await session.client.live.watch(undefined, { signal: stop.signal })) {
      if (change.kind !== 'task' || change.task.subject !== subject) continue;
      running = change.task.id;
      show(change.task);
    }
  })().catch(() => {});
  const cancel = (): void => {
    if (running !== undefined) void session.client.task.cancel({ id: running });
  };
  session.signal.addEventListener('abort', cancel);
  try {
    const task = await call();
    show(task);
    if (task.problem) throw new ProblemError(task.problem);
    return task;
  } finally {
    session.signal.removeEventListener('abort', cancel);
    stop.abort();
    await watching;
  }
}
