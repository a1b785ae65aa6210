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

// In a file of their own without schemas, so that the pages need no validation to show that something failed.
export { fail, ProblemError, problemOf } from './problem-error.ts';
