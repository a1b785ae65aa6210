import { useCallback } from 'react';
import type { Problem } from '../../preload/contract/problem.ts';
import { type ProblemWords, problemWords } from '../../preload/contract/problem-words.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import { problemSentences } from './resources.ts';
import { sayingValues } from './saying-values.ts';
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

/** A problem in the reader's language, where that has a sentence for its code. */
export function useProblemWords(): (problem: Problem) => ProblemWords {
  const language = useLanguage();
  return useCallback((problem) => problemWords(problem, problemSentences[language][problem.code]), [language]);
}
