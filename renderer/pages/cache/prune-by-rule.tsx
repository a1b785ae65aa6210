import { Radio, TextInput } from '@mantine/core';
import { useId, useMemo, useState } from 'react';
import { useWords } from '../../words/words.ts';
import { usePruneQuestion } from './cache-queries.ts';
import type { NodeChoice } from './image-selection.ts';
import { LastHourSwitch } from './last-hour-switch.tsx';
import { PruneConfirm } from './prune-confirm.tsx';
import { firstRule, policyOf, type RuleKind } from './prune-rule.ts';
import styles from './prune.module.css';

/** A prune by rule: what was not used for some days, down to a size, or everything; what it takes is counted while the rule is typed. */
export function PruneByRule({
  nodes,
  onPrune,
  onClose,
}: {
  readonly nodes: readonly string[];
  readonly onPrune: (choices: readonly NodeChoice[]) => void;
  readonly onClose: () => void;
}) {
  const t = useWords('cache');
  const [form, setForm] = useState(firstRule);
  const group = useId();
  const rule = policyOf(form);
  const policy = 'policy' in rule ? rule.policy : undefined;
  const asked = JSON.stringify(policy);
  const choices = useMemo(
    () => (policy === undefined ? [] : nodes.map((node) => ({ node, policy }))),
    // The policy is a new object each time; its words are what counts.
    [nodes, asked],
  );
  const [lastHour, setLastHour] = useState(false);
  const counted = usePruneQuestion(choices, lastHour);
  const error = 'error' in rule ? t(`error-${rule.error}`) : undefined;
  const choose = (kind: RuleKind) => () => setForm({ ...form, kind });
  const unknown = { answer: undefined, problem: undefined, counting: false };
  const question = error === undefined ? counted : { choices, preview: unknown, heldBytes: 0 };
  const radio = (kind: RuleKind, label: string) => (
    <Radio name={group} size="xs" label={label} checked={form.kind === kind} onChange={choose(kind)} />
  );

  const figure = (kind: RuleKind, name: 'days' | 'gigabytes', label: string, unit: string) => (
    <TextInput
      w="7rem"
      size="xs"
      inputMode="decimal"
      aria-label={label}
      rightSection={<span>{unit}</span>}
      rightSectionWidth={44}
      value={form[name]}
      onFocus={choose(kind)}
      onChange={(event) => setForm({ ...form, kind, [name]: event.currentTarget.value })}
      error={form.kind === kind && error !== undefined}
    />
  );

  return (
    <PruneConfirm
      question={question}
      opened
      title={
        nodes.length === 1 ? t('rule-title', { node: nodes[0] ?? '' }) : t('rule-title-all', { count: nodes.length })
      }
      onPrune={onPrune}
      onClose={onClose}
    >
      <div className={styles.rule} role="radiogroup" aria-label={t('rule')}>
        <div className={styles.row}>
          {radio('older-than', t('rule-unused'))}
          {figure('older-than', 'days', t('rule-days'), t('unit-days'))}
        </div>
        <div className={styles.row}>
          {radio('to-size', t('rule-size'))}
          {figure('to-size', 'gigabytes', t('rule-gigabytes'), 'GB')}
          {nodes.length > 1 && <span className={styles.means}>{t('rule-each')}</span>}
        </div>
        <div className={styles.row}>{radio('all', t(lastHour ? 'rule-all-but-pinned' : 'rule-all'))}</div>
        {error !== undefined && (
          <p role="alert" className={styles.wrong}>
            {error}
          </p>
        )}
      </div>
      <LastHourSwitch on={lastHour} onChange={setLastHour} />
    </PruneConfirm>
  );
}
