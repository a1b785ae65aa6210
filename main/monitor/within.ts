import { ProblemError } from '../../preload/contract/problem.ts';
import type { Clock } from './schedule.ts';

/** The promise's outcome, or a Problem when it takes longer than `ms`. What it started goes on unheard. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(
        new ProblemError({
          code: 'no-answer',
          message: `There was no answer within ${Math.round(ms / 1000)} s.`,
          hint: 'It is asked again by itself; if this stays, look at the machine.',
          retryable: true,
        }),
      ),
    );
    promise.then(resolve, reject).finally(cancel);
  });
}

/** Waits for a promise to end either way, but no longer than `ms`, and not at all once the signal is aborted. */
export async function atMost(clock: Clock, ms: number, promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([within(clock, ms, promise).catch(() => {}), aborted.promise]);
  signal.removeEventListener('abort', onAbort);
}
