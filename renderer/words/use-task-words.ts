import { useCallback } from 'react';
import type { ActivityKind } from '../../preload/contract/activity.ts';
import type { TaskStep } from '../../preload/contract/task.ts';
import { useLanguage, useSentence, useWords } from './words.ts';

/** What a job is, in the reader's language: `Apply tokyo`, `切换 Docker`. English is the title the core gave. */
export function useTaskTitle(): (task: { kind: ActivityKind; subject: string; title: string }) => string {
  const t = useWords('steps');
  const language = useLanguage();
  return useCallback(
    ({ kind, subject, title }) => (language === 'en' ? title : t(`task-${kind}`, { subject })),
    [t, language],
  );
}

/** What a step is: by its id in the reader's language, else the label the core gave it (`image:registry` is asked for as `image`). */
export function useStepWords(): (step: Pick<TaskStep, 'id' | 'label'>) => string {
  const sentence = useSentence('steps');
  const language = useLanguage();
  return useCallback(
    ({ id, label }) => {
      if (language === 'en') return label;
      const [name = id, what = ''] = id.split(':', 2);
      return sentence(`step-${name}`, { what }) ?? label;
    },
    [sentence, language],
  );
}
