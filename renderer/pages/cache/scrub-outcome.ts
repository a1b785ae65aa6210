import type { Task } from '../../../preload/contract/task.ts';

/** What a scrub found: damaged files, files that could not be read, and the images that need one of either, as far as they are named. */
export interface ScrubFound {
  readonly damaged: number;
  readonly unreadable: number;
  readonly images: string | undefined;
}

/** The end of a scrub; undefined where its outcome does not say what was found, which is never taken for "all is well". */
export function scrubFound(task: Pick<Task, 'state' | 'outcome'>): ScrubFound | undefined {
  const damaged = task.outcome?.['damaged'];
  if (task.state !== 'done' || typeof damaged !== 'number') return undefined;
  const unreadable = task.outcome?.['unreadable'];
  const images = task.outcome?.['images'];
  return {
    damaged,
    unreadable: typeof unreadable === 'number' ? unreadable : 0,
    images: typeof images === 'string' && images !== '' ? images : undefined,
  };
}
