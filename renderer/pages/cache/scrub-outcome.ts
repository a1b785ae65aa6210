import type { Task } from '../../../preload/contract/task.ts';

/** How many damaged files a scrub found, where its outcome says so. */
export function damageOf(task: Task): number | undefined {
  const damaged = task.outcome?.['damaged'];
  return typeof damaged === 'number' ? damaged : undefined;
}
