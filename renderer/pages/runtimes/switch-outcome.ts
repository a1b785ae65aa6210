import type { Problem } from '../../../preload/contract/problem.ts';
import type { SwitchPreview } from '../../../preload/contract/runtime.ts';
import type { Task } from '../../../preload/contract/task.ts';

/** Whether this computer's sudo password is asked for, and whether the one that was given was refused. */
export type Asked = 'needed' | 'wrong';

const asking: Readonly<Record<string, Asked>> = { 'sudo-password-needed': 'needed', 'sudo-password-wrong': 'wrong' };

export function passwordAskedBy(problem: Problem | undefined): Asked | undefined {
  return problem && asking[problem.code];
}

/** What ended jobs ask: a refused password is said even where another of them only misses one. */
export function passwordAsked(tasks: readonly Task[]): Asked | undefined {
  const asked = tasks.map(({ problem }) => passwordAskedBy(problem));
  return asked.find((each) => each === 'wrong') ?? asked.find((each) => each !== undefined);
}

/** What several switches would do together. */
export interface PreviewSum {
  readonly files: number;
  readonly restarts: readonly string[];
  readonly needsPrivilege: boolean;
  /** Every one of them finds everything as it should be. */
  readonly nothingToDo: boolean;
}

export function previewSum(previews: readonly SwitchPreview[]): PreviewSum {
  return {
    files: previews.reduce((sum, { changes, nothingToDo }) => sum + (nothingToDo ? 0 : changes.length), 0),
    restarts: [...new Set(previews.flatMap(({ restarts }) => restarts))],
    needsPrivilege: previews.some(({ needsPrivilege }) => needsPrivilege),
    nothingToDo: previews.every(({ nothingToDo }) => nothingToDo),
  };
}
