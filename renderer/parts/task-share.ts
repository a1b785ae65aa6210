import type { Task } from '../../preload/contract/task.ts';

/** How much of a job is done, 0 to 1: its ended steps, and the running one by its own progress; undefined before the first step. */
export function taskShare(task: Pick<Task, 'steps'>): number | undefined {
  if (task.steps.length === 0) return undefined;
  let done = 0;
  for (const { state, progress } of task.steps) {
    if (state === 'running') done += progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
    else if (state !== 'waiting') done += 1;
  }
  return done / task.steps.length;
}
