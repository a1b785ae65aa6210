import { problemOf } from '../../preload/contract/problem.ts';

/** The code of the Problem that a call throws; `nothing` where it throws none. */
export function problemCode(body: () => unknown): string {
  try {
    body();
    return 'nothing';
  } catch (error) {
    return problemOf(error).code;
  }
}
