import type { Problem } from '../../preload/contract/problem.ts';
import { ProblemError } from '../../preload/contract/problem.ts';

/** A person pressed Ctrl-C; the program ends with its own exit code. */
export class Interrupted extends ProblemError {}

const interrupted: Problem = {
  code: 'interrupted',
  message: 'Interrupted.',
  hint: 'Run the same command again when you want.',
  retryable: true,
};

/** One press may arrive twice: handed on by what started us (npm, script), or sent again by the settings' library. Milliseconds. */
const echoMs = 700;

/**
 * Ctrl-C: the first ends a question or a look at once, but lets a running job stop in order and say what it leaves; the second ends
 * everything, for which `leave` is called.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #atOnce = Promise.withResolvers<never>();
  readonly #leave: () => void;
  #jobs = 0;
  #pressedAt = 0;

  constructor(leave: () => void) {
    this.#leave = leave;
    // Nobody may be waiting when it is pressed.
    this.#atOnce.promise.catch(() => {});
  }

  /** Aborted by the first Ctrl-C. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  press(): void {
    if (this.signal.aborted) {
      if (performance.now() - this.#pressedAt > echoMs) this.#leave();
      return;
    }
    this.#pressedAt = performance.now();
    this.#abort.abort();
    this.#endUnlessWorking();
  }

  /** The body's result, or {@link Interrupted} as soon as Ctrl-C is pressed while no job runs. */
  orAtOnce<T>(body: Promise<T>): Promise<T> {
    return Promise.race([body, this.#atOnce.promise]);
  }

  /** While the body runs, Ctrl-C only asks it to stop. */
  async whileWorking<T>(body: () => Promise<T>): Promise<T> {
    this.#jobs += 1;
    try {
      return await body();
    } finally {
      this.#jobs -= 1;
    }
  }

  #endUnlessWorking(): void {
    if (this.#jobs === 0) this.#atOnce.reject(new Interrupted(interrupted));
  }
}
