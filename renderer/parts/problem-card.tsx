import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../../preload/contract/problem.ts';
import { askForVault, vaultNeed } from '../vault/vault-need.ts';
import { useProblemWords } from '../words/use-say.ts';
import { useWords } from '../words/words.ts';
import { Copy } from './copy-text.tsx';
import { Fold } from './fold.tsx';
import { Icon } from './icons.tsx';
import styles from './problem-card.module.css';

/**
 * An expected failure: what happened and what was left unchanged (the message), what to do (the hint), one button that does it (`action`),
 * and the details folded below, to be copied. Where the vault is in the way and nothing else is offered, the button leads to it. `mild` is
 * for warnings.
 */
export function ProblemCard({
  problem,
  action,
  mild,
}: {
  readonly problem: Problem;
  readonly action?: ReactNode;
  readonly mild?: boolean;
}) {
  const words = useProblemWords()(problem);
  const t = useWords('shell');
  const details = problemDetails(problem);
  const need = vaultNeed(problem);
  return (
    <div className={styles.card} data-mild={mild || undefined} role={mild ? 'note' : 'alert'}>
      <span className={styles.sign}>
        <Icon name="warning" />
      </span>
      <div className={styles.words}>
        {mild && <span className="mf-unseen">{t('warning')}</span>}
        <p className={styles.message}>{words.message}</p>
        <p className={styles.hint}>{words.hint}</p>
        {action !== undefined && <div className={styles.action}>{action}</div>}
        {action === undefined && need !== undefined && (
          <div className={styles.action}>
            <Button onClick={() => askForVault(need)}>{t(`vault-${need}`)}</Button>
          </div>
        )}
        <Fold title={<span className={styles.more}>{t('details')}</span>}>
          <div className={styles.details}>
            <pre className={styles.text}>{details}</pre>
            <Copy text={details} />
          </div>
        </Fold>
      </div>
    </div>
  );
}

/** All there is to a problem, as plain text to send to someone: its code, its own words, its facts. */
export function problemDetails(problem: Problem): string {
  return [
    problem.code,
    problem.message,
    problem.hint,
    ...Object.entries(problem.detail ?? {}).map(([name, value]) => `${name}: ${value}`),
  ].join('\n');
}
