import type { Problem } from './problem.ts';

/** What is said of a problem instead of its own words; a `message` or `hint` may use the problem's `detail`. */
export interface ProblemSentence {
  readonly message?: string;
  readonly hint?: string;
}

export interface ProblemWords {
  readonly message: string;
  readonly hint: string;
}

/**
 * A problem in the words of a language. Where the sentence asks for a detail that this problem does not carry, the problem's own words are
 * the truer ones.
 */
export function problemWords(problem: Problem, { message, hint }: ProblemSentence = {}): ProblemWords {
  return {
    message: (message !== undefined ? filled(message, problem.detail) : undefined) ?? problem.message,
    hint: (hint !== undefined ? filled(hint, problem.detail) : undefined) ?? problem.hint,
  };
}

/** A sentence with its `{{names}}` filled in, or undefined where one of them is not known. */
export function filled(sentence: string, values: Readonly<Record<string, string>> = {}): string | undefined {
  const names = [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '');
  if (names.some((name) => values[name] === undefined)) return undefined;
  return sentence.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}
