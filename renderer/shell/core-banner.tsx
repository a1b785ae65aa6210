import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { assertNever } from '../../preload/contract/assert-never.ts';
import { useConnectionState } from '../core/core-context.tsx';
import { sessionEnded } from '../core/problems.ts';
import { coreNews } from '../door/core-news.ts';
import { useShell } from '../door/door-context.tsx';
import { Age } from '../parts/age.tsx';
import { Banner } from '../parts/banner.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { useWords } from '../words/words.ts';
import styles from './shell.module.css';

/** Says that the core cannot be reached, so that nobody takes what is shown for what is, and offers what can be done about it. */
export function CoreBanner() {
  const t = useWords('shell');
  const state = useConnectionState();
  const desk = useShell();
  const [lostAt, setLostAt] = useState<number>();
  useEffect(() => setLostAt(state === 'lost' ? Date.now() : undefined), [state]);
  const news = coreNews(state, desk?.state);
  const since = lostAt !== undefined && (
    <>
      {' '}
      {t('lost-since')} <Age at={lostAt} />
    </>
  );
  const log = desk && <Button onClick={() => desk.shell.reveal('core-log')}>{t('show-log')}</Button>;
  switch (news) {
    case 'none':
      return null;
    case 'refused':
      return (
        <div className={styles.card}>
          <ProblemCard problem={sessionEnded} />
        </div>
      );
    case 'lost':
      return (
        <Banner tone="alert">
          {t('lost')}
          {since}
        </Banner>
      );
    case 'ended':
      return (
        <Banner tone="alert" actions={log}>
          {t('core-ended')}
          {since}
        </Banner>
      );
    case 'stopped': {
      const actions = (
        <>
          <Button variant="filled" onClick={() => desk?.shell.startCore()}>
            {t('start-core')}
          </Button>
          {log}
        </>
      );
      const problem = desk?.state.core.problem;
      return problem ? (
        <div className={styles.card}>
          <ProblemCard problem={problem} action={actions} />
        </div>
      ) : (
        <Banner tone="alert" actions={actions}>
          {t('core-left-alone')}
          {since}
        </Banner>
      );
    }
    default:
      return assertNever(news);
  }
}
