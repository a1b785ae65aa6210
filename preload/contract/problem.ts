import { z } from 'zod';

/**
 * An expected failure as a value. `code` is stable and kebab-case (`host-key-changed`), `message` says what happened and what was
 * left unchanged, `hint` names the way out, `retryable` says whether the same call may succeed later without anyone doing anything.
 * `detail` holds folded facts (command output, fingerprints), one per key, never a secret.
 */
export const problemSchema = z.object({
  code: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/),
  message: z.string().min(1),
  hint: z.string().min(1),
  retryable: z.boolean(),
  detail: z.record(z.string(), z.string()).optional(),
});

export type Problem = z.infer<typeof problemSchema>;

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
