import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { usePreview } from './cache-queries.ts';
import type { ImageRow } from './image-row.ts';
import { atLeastBytes, choicesOf, type NodeChoice } from './image-selection.ts';
import styles from './image-table.module.css';
import { PruneConfirm } from './prune-confirm.tsx';

/** What the chosen images come to: at once what goes at the least, a moment later what the nodes themselves count. */
export function SelectionBar({
  rows,
  shown,
  selected,
  onClear,
  onPrune,
}: {
  readonly rows: readonly ImageRow[];
  readonly shown: readonly ImageRow[];
  readonly selected: ReadonlySet<string>;
  readonly onClear: () => void;
  readonly onPrune: (choices: readonly NodeChoice[]) => void;
}) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const [asking, setAsking] = useState(false);
  const choices = useMemo(() => choicesOf(rows, selected), [rows, selected]);
  const preview = usePreview(choices);
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.key)).length, [rows, selected]);
  const hidden = useMemo(() => chosen - shown.filter((row) => selected.has(row.key)).length, [chosen, shown, selected]);
  if (chosen === 0) return null;
  const { answer, counting, problem } = preview;
  return (
    <>
      {problem && <ProblemCard problem={problem} />}
      <div className={styles.bar} role="region" aria-label={t('selection')}>
        <span>
          {t('selected', { count: chosen, number: count(chosen) })}
          {hidden > 0 && ` ${t('selected-hidden', { count: hidden, number: count(hidden) })}`}
        </span>
        <span className={styles.frees} data-counting={counting || undefined} role="status">
          {answer
            ? t('frees', { size: bytes(answer.freedBytes) })
            : t('frees-at-least', { size: bytes(atLeastBytes(rows, selected)) })}
          {answer &&
            answer.kept.length > 0 &&
            ` · ${t('stay', { count: answer.kept.length, number: count(answer.kept.length) })}`}
        </span>
        <span className={styles.buttons}>
          <Button onClick={onClear}>{t('select-none')}</Button>
          <Button variant="filled" color="red" disabled={answer === undefined} onClick={() => setAsking(true)}>
            {answer?.victims.length === 0
              ? t('prune-why')
              : t('prune-ask', {
                  count: answer?.victims.length ?? chosen,
                  number: count(answer?.victims.length ?? chosen),
                })}
          </Button>
        </span>
      </div>
      <PruneConfirm
        question={{ choices, preview }}
        opened={asking}
        title={t('prune-title', { count: chosen, number: count(chosen) })}
        onPrune={(exact) => {
          onPrune(exact);
          onClear();
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
