import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Problem } from '../../../preload/contract/problem.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { type Limits, wholeNumber } from './number-field.ts';
import { SettingRow } from './setting-row.tsx';
import styles from './settings-page.module.css';

/** A whole number that is saved when one leaves the field or presses Enter; what may not be saved is explained there and stays typed. */
export function NumberSetting({
  id,
  title,
  what,
  unit,
  value,
  limits,
  saving,
  saved,
  problem,
  onSave,
}: {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly limits: Limits;
  readonly saving: boolean;
  readonly saved: boolean;
  readonly problem: Problem | undefined;
  readonly onSave: (value: number) => void;
}) {
  const t = useWords('settings');
  const { count } = useFigures();
  /** What is typed and not saved yet. */
  const [typed, setTyped] = useState<string>();
  const result = typed === undefined ? undefined : wholeNumber(typed, limits);
  const error =
    result !== undefined && 'error' in result
      ? t(`error-${result.error}`, { min: count(limits.min), max: count(limits.max) })
      : undefined;

  function save(): void {
    if (result === undefined || 'error' in result) return;
    setTyped(undefined);
    if (result.value !== value) onSave(result.value);
  }

  return (
    <SettingRow id={id} title={title} what={what} saved={saved}>
      <TextInput
        aria-label={title}
        className={styles.number}
        inputMode="numeric"
        rightSection={<span className={styles.unit}>{unit}</span>}
        rightSectionWidth={64}
        value={typed ?? String(value)}
        error={error}
        disabled={saving}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter') save();
          if (event.key === 'Escape') setTyped(undefined);
        }}
      />
      {problem && <ProblemCard problem={problem} />}
    </SettingRow>
  );
}
