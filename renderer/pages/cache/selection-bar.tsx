import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { usePruneQuestion } from './cache-queries.ts';
import type { ImageRow } from './image-row.ts';
import { atLeastBytes, choicesOf, type NodeChoice } from './image-selection.ts';
import styles from './image-table.module.css';
import { LastHourSwitch } from './last-hour-switch.tsx';
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
  const [lastHour, setLastHour] = useState(false);
  const question = usePruneQuestion(choices, lastHour);
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.key)).length, [rows, selected]);
  const hidden = useMemo(() => chosen - shown.filter((row) => selected.has(row.key)).length, [chosen, shown, selected]);
  if (chosen === 0) return null;
  const { answer, counting, problem } = question.preview;
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
          {question.heldBytes > 0 && ` · ${t('of-last-hour', { size: bytes(question.heldBytes) })}`}
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
        question={question}
        opened={asking}
        title={t('prune-title', { count: chosen, number: count(chosen) })}
        onPrune={(exact) => {
          onPrune(exact);
          onClear();
        }}
        onClose={() => {
          setAsking(false);
          setLastHour(false);
        }}
      >
        <LastHourSwitch on={lastHour} onChange={setLastHour} />
      </PruneConfirm>
    </>
  );
}
