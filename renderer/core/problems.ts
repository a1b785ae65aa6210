import { ORPCError } from '@orpc/client';
import type { Problem } from '../../preload/contract/problem.ts';
import { ProblemError, problemOf as bugOf } from '../../preload/contract/problem-error.ts';
import { type Issue, readIssues, readProblem } from './read-problem.ts';

/** The page's core ended or cannot be reached: nobody knows whether the call was carried out. */
export const coreGone: Problem = {
  code: 'core-gone',
  message: 'The core does not answer this page any more, so it is not known whether that was done.',
  hint: 'It is tried again by itself; then look at Activity.',
  retryable: true,
};

/** The core runs, but does not know this page: the address was used before, or the core was started anew since. */
export const sessionEnded: Problem = {
  code: 'session-ended',
  message: 'This page has no access to the core: its address works once, and only until the core ends.',
  hint: 'Type mirrorfleet serve (in a checkout: npm run start:browser) and open the address that it prints.',
  retryable: false,
};

/** The Problem to show for whatever a call threw; a bug becomes `internal-error`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof ORPCError)) return isTransport(error) ? coreGone : bugOf(error);
  if (error.code === 'PROBLEM') {
    const problem = readProblem(error.data);
    if (problem) return problem;
  }
  if (error.code === 'BAD_REQUEST') {
    const issues = readIssues(error.data);
    if (issues) return inputProblem(issues);
  }
  return bugOf(error);
}

function inputProblem(issues: readonly Issue[]): Problem {
  const said = issues.map(({ message, path }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  return {
    code: 'input-invalid',
    message: `That does not fit: ${said.join('; ')}. Nothing was done.`,
    hint: 'Change what was entered and try again.',
    retryable: false,
  };
}

/** What oRPC's link throws when the socket is not open, or closes under a call. */
function isTransport(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || /WebSocket is not open|closed/i.test(error.message);
}
