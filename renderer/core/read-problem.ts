import type { Problem } from '../../preload/contract/problem.ts';

/**
 * Reads by hand what comes with a failed call. The contract's schemas say the same (a test holds the two together), but with them the whole
 * of zod would be fetched before the first page shows anything.
 */

/** One thing that the contract's validation says of arguments that do not fit. */
export interface Issue {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** The problem in what came, or undefined where it is none. */
export function readProblem(data: unknown): Problem | undefined {
  if (!isRecord(data)) return undefined;
  const { code, message, hint, retryable, detail } = data;
  if (typeof code !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code)) return undefined;
  if (typeof message !== 'string' || message === '' || typeof hint !== 'string' || hint === '') return undefined;
  if (typeof retryable !== 'boolean') return undefined;
  if (detail === undefined) return { code, message, hint, retryable };
  return isTexts(detail) ? { code, message, hint, retryable, detail } : undefined;
}

/** What the validation says, or undefined where what came is nothing of that kind. */
export function readIssues(data: unknown): readonly Issue[] | undefined {
  if (!isRecord(data) || !Array.isArray(data['issues'])) return undefined;
  const issues = data['issues'].map(readIssue);
  return issues.every((issue) => issue !== undefined) ? issues : undefined;
}

function readIssue(data: unknown): Issue | undefined {
  if (!isRecord(data) || typeof data['message'] !== 'string') return undefined;
  const path: unknown = data['path'] ?? [];
  return Array.isArray(path) && path.every(isKey) ? { message: data['message'], path } : undefined;
}

const isKey = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string');
}
