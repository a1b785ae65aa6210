import { randomUUID } from 'node:crypto';
import { type Problem, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { FileChange } from '../../preload/contract/runtime.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type { Task, TaskKind, TaskStep } from '../../preload/contract/task.ts';
import type { Intent } from './intent.ts';

/** What a job is: its kind, what it works on, and the steps a person will see (more may be added while it runs). */
export interface JobDescription {
  readonly kind: TaskKind;
  readonly subject: string;
  readonly title: string;
  readonly steps?: readonly { readonly id: string; readonly label: string }[];
  /** How to do it again or take it back after a restart; a job without one can only be started anew by hand. */
  readonly intent?: Intent;
}

/** How a running job tells where it is. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Runs one step: shown as running, then done; `failed` when the body throws, and the error goes on. */
  step<T>(id: string, label: string, body: (report: StepReport) => Promise<T>): Promise<T>;
  /** Marks a step that needs nothing. */
  skip(id: string, label: string, note: Saying): void;
  /** Marks a step that was done as taken back. */
  undone(id: string, note: Saying): void;
  /** A figure of the outcome (`freedBytes`, `proof`). */
  outcome(name: string, value: string | number | boolean | Saying): void;
  /** Something that is not as it should be and does not stop the job. */
  warn(problem: Problem): void;
  /** The files this job is about to change, as unified diffs without secrets; told before the first byte changes, for the journal. */
  changes(list: readonly FileChange[]): void;
}

export interface StepReport {
  progress(done: number, total: number, unit: 'bytes' | 'items'): void;
  note(saying: Saying): void;
}

/** A job as the journal hears of it: beside the task what it changes, and how it is done again. */
export interface TaskNews {
  readonly task: Task;
  readonly changes: readonly FileChange[];
  readonly intent?: Intent;
}

export interface TasksOptions {
  readonly now?: () => number;
  /** Whose work it is: `dev@laptop`. */
  readonly who?: string;
}

/** Milliseconds between two progress reports of one task: at most 4 updates a second reach the doors. */
const progressInterval = 250;

/**
 * The running jobs. One job at a time for each subject: a second one is refused with `task-running`, naming the first. A job's end is a
 * value (a Task that is done, failed or cancelled); nothing is thrown to the caller but bugs.
 */
export class Tasks {
  readonly #running = new Map<string, { task: Task; abort: AbortController }>();
  readonly #publish: (task: Task, news: TaskNews) => void;
  readonly #now: () => number;
  readonly #who: string | undefined;

  constructor(publish: (task: Task, news: TaskNews) => void, { now = Date.now, who }: TasksOptions = {}) {
    this.#publish = publish;
    this.#now = now;
    this.#who = who;
  }

  /** Runs a job to its end. Throws `task-running` when the subject already has one. */
  async run(job: JobDescription, body: (context: JobContext) => Promise<void>): Promise<Task> {
    const other = [...this.#running.values()].find((each) => each.task.subject === job.subject);
    if (other) {
      throw new ProblemError({
        code: 'task-running',
        message: `"${other.task.title}" is still running for ${job.subject}; nothing was started.`,
        hint: 'Wait for it to end or cancel it, then try again.',
        retryable: true,
      });
    }
    const abort = new AbortController();
    const steps: TaskStep[] = (job.steps ?? []).map(({ id, label }) => ({ id, label, state: 'waiting' }));
    const entry: { task: Task; abort: AbortController } = {
      abort,
      task: {
        id: randomUUID(),
        kind: job.kind,
        subject: job.subject,
        title: job.title,
        state: 'running',
        startedAt: this.#now(),
        steps,
        ...(this.#who === undefined ? {} : { who: this.#who }),
      },
    };
    let changes: readonly FileChange[] = [];
    const { intent } = job;
    this.#running.set(entry.task.id, entry);
    let lastProgress = 0;
    const update = (change: Partial<Task>): void => {
      entry.task = { ...entry.task, ...change };
      this.#publish(entry.task, { task: entry.task, changes, ...(intent === undefined ? {} : { intent }) });
    };
    const putStep = (id: string, change: Partial<TaskStep> & { label?: string }): void => {
      const old = entry.task.steps.find((step) => step.id === id) ?? {
        id,
        label: change.label ?? id,
        state: 'waiting' as const,
      };
      const next = { ...old, ...change };
      update({
        steps: entry.task.steps.some((step) => step.id === id)
          ? entry.task.steps.map((step) => (step.id === id ? next : step))
          : [...entry.task.steps, next],
      });
    };
    const context: JobContext = {
      signal: abort.signal,
      step: async (id, label, stepBody) => {
        abort.signal.throwIfAborted();
        putStep(id, { label, state: 'running' });
        try {
          const value = await stepBody({
            progress: (done, total, unit) => {
              const now = this.#now();
              if (now - lastProgress < progressInterval && done !== total) return;
              lastProgress = now;
              putStep(id, { progress: { done, total, unit } });
            },
            note: (note) => putStep(id, { note }),
          });
          putStep(id, { state: 'done' });
          return value;
        } catch (error) {
          putStep(id, { state: 'failed', problem: problemOf(error) });
          throw error;
        }
      },
      skip: (id, label, note) => putStep(id, { label, state: 'skipped', note }),
      undone(id, note) {
        if (entry.task.steps.some((step) => step.id === id)) putStep(id, { state: 'undone', note });
      },
      outcome: (name, value) => update({ outcome: { ...entry.task.outcome, [name]: value } }),
      warn: (problem) => update({ warnings: [...(entry.task.warnings ?? []), problem] }),
      changes: (list) => {
        changes = [...changes, ...list];
        update({});
      },
    };
    update({});
    try {
      await body(context);
      update({ state: 'done', endedAt: this.#now() });
    } catch (error) {
      const problem: Problem = problemOf(error);
      update({ state: abort.signal.aborted ? 'cancelled' : 'failed', endedAt: this.#now(), problem });
      if (problem.code === 'internal-error' && !abort.signal.aborted) throw error;
    } finally {
      this.#running.delete(entry.task.id);
    }
    return entry.task;
  }

  /** Asks a job to stop; its own rules say what it leaves. Unknown or ended ids are fine. */
  cancel(id: string): void {
    this.#running.get(id)?.abort.abort(
      new ProblemError({
        code: 'cancelled',
        message: 'The task was cancelled.',
        hint: 'Start it again when you want.',
        retryable: true,
      }),
    );
  }

  get running(): readonly Task[] {
    return [...this.#running.values()].map((each) => each.task);
  }
}
