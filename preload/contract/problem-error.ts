import type { Problem } from './problem.ts';

/**
 * Carries a {@link Problem} through the core. It is thrown where the failure is met and turned back into the value at every border
 * (contract, task, command line). Anything thrown that is not a ProblemError is a bug.
 */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Throws the given problem; `retryable` is false unless said. */
export function fail(problem: Omit<Problem, 'retryable'> & { retryable?: boolean }, options?: ErrorOptions): never {
  throw new ProblemError({ ...problem, retryable: problem.retryable ?? false }, options);
}

/** The problem an error carries; a bug becomes `internal-error` with its message, never its stack. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return {
    code: 'internal-error',
    message: `Something unexpected happened: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a fault in Mirrorfleet. The log has the details; please report it.',
    retryable: false,
  };
}
