import type { SwitchPreview } from '../../../preload/contract/runtime.ts';
import type { Task } from '../../../preload/contract/task.ts';

/** Whether ended switches ask for this computer's sudo password, and whether the one that was given was refused. */
export function passwordAsked(tasks: readonly Task[]): 'needed' | 'wrong' | undefined {
  const codes = tasks.map(({ problem }) => problem?.code);
  if (codes.includes('sudo-password-wrong')) return 'wrong';
  return codes.includes('sudo-password-needed') ? 'needed' : undefined;
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

/** How a switch of several engines ended: which follow the route now and which were taken back, each by itself. */
export function outcomeOf(tasks: readonly Task[]): {
  readonly done: readonly Task[];
  readonly failed: readonly Task[];
} {
  return {
    done: tasks.filter(({ state }) => state === 'done'),
    failed: tasks.filter(({ state }) => state !== 'done' && state !== 'running'),
  };
}
