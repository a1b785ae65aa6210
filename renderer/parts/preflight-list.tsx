import type { ReactNode } from 'react';
import type { Preflight, PreflightCheck } from '../../preload/contract/node.ts';
import { useSay } from '../words/use-say.ts';
import { useSentence } from '../words/words.ts';
import styles from './preflight-list.module.css';
import { ProblemCard } from './problem-card.tsx';
import { StateMark } from './state-mark.tsx';

const marks = { ok: 'up', warning: 'slow', failed: 'down' } as const;

/** What a preflight found, line by line; each that will not do has its problem below it, with the button that `fix` gives for it. */
export function PreflightList({
  preflight,
  fix,
}: {
  readonly preflight: Preflight;
  readonly fix?: (check: PreflightCheck) => ReactNode;
}) {
  const sentence = useSentence('shell');
  const say = useSay();
  return (
    <ul className={styles.list}>
      {preflight.checks.map((check) => (
        <li key={check.id}>
          <div className={styles.line}>
            <StateMark state={marks[check.state]} word={sentence(`check-${check.state}`) ?? check.state} />
            <span className={styles.label}>
              {sentence(`check-${check.id}`, { what: check.label.replace(/^\D+/, '') }) ?? check.label}
            </span>
            <span className={styles.found}>{check.saying ? say(check.saying) : check.found}</span>
          </div>
          {check.problem && (
            <div className={styles.problem}>
              <ProblemCard problem={check.problem} mild={check.state === 'warning'} action={fix?.(check)} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
