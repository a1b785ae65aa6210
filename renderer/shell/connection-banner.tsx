import { useEffect, useState } from 'react';
import { useConnectionState } from '../core/core-context.tsx';
import { sessionEnded } from '../core/problems.ts';
import { Age } from '../parts/age.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { useWords } from '../words/words.ts';
import styles from './shell.module.css';

/** Says that the core cannot be reached, so that nobody takes what is shown for what is. */
export function ConnectionBanner() {
  const t = useWords('shell');
  const state = useConnectionState();
  const [lostAt, setLostAt] = useState<number>();
  useEffect(() => setLostAt(state === 'lost' ? Date.now() : undefined), [state]);
  if (state === 'refused') return <ProblemCard problem={sessionEnded} />;
  if (state !== 'lost' || lostAt === undefined) return null;
  return (
    <div className={styles.banner} role="alert">
      {t('lost')} <span>{t('lost-since')}</span> <Age at={lostAt} />
    </div>
  );
}
