import { useCallback } from 'react';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { type ProblemSentence, problemSentences } from './resources.ts';
import { filled, sayingValues } from './saying-values.ts';
import { useFigures } from './use-figures.ts';
import { useLanguage, useSentence } from './words.ts';

/** Says a {@link Saying} in the reader's language; a code without a sentence is shown itself: it still names the thing. */
export function useSay(): (saying: Saying) => string {
  const sentence = useSentence('sayings');
  const figures = useFigures();
  return useCallback(
    ({ code, values = {} }) => sentence(code, sayingValues(values, figures)) ?? code,
    [sentence, figures],
  );
}

export interface ProblemWords {
  readonly message: string;
  readonly hint: string;
}

/**
 * A problem in the reader's language, where that has a sentence for its code. Where the sentence asks for a detail that this problem does
 * not carry, the problem's own words are the truer ones.
 */
export function useProblemWords(): (problem: Problem) => ProblemWords {
  const language = useLanguage();
  return useCallback((problem) => problemWords(problem, problemSentences[language][problem.code] ?? {}), [language]);
}

function problemWords(problem: Problem, { message, hint }: ProblemSentence): ProblemWords {
  return {
    message: (message !== undefined ? filled(message, problem.detail) : undefined) ?? problem.message,
    hint: (hint !== undefined ? filled(hint, problem.detail) : undefined) ?? problem.hint,
  };
}
