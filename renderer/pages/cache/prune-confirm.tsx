import type { ReactNode } from 'react';
import { Confirm } from '../../parts/confirm.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import type { PruneQuestion } from './cache-queries.ts';
import { exactly, type NodeChoice } from './image-selection.ts';
import { PrunePreviewView } from './prune-preview.tsx';

/**
 * Asks before a prune and shows exactly what goes. What is pruned is what was shown, by name: an image that came meanwhile stays, whatever
 * the rule says of it. `children` stand above (the rule itself).
 */
export function PruneConfirm({
  question,
  opened,
  title,
  onPrune,
  onClose,
  children,
}: {
  readonly question: PruneQuestion;
  readonly opened: boolean;
  readonly title: string;
  readonly onPrune: (choices: readonly NodeChoice[]) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const { answer } = question.preview;
  const images = answer?.victims.length ?? 0;
  const size = bytes(answer?.freedBytes);
  const verb =
    answer === undefined
      ? t('counting')
      : images === 0
        ? t('remove-leftovers-do', { size })
        : t('prune-do', { count: images, number: count(images), size });
  const nothing = answer !== undefined && images === 0 && answer.blobs === 0;

  function confirm(): void {
    if (answer === undefined) return;
    onPrune(exactly(question.choices, answer));
    onClose();
  }

  return (
    <Confirm
      opened={opened}
      title={title}
      verb={nothing ? t('nothing-to-prune') : verb}
      danger
      wide
      disabled={answer === undefined || nothing}
      onConfirm={confirm}
      onClose={onClose}
    >
      {children}
      <PrunePreviewView question={question} />
    </Confirm>
  );
}
