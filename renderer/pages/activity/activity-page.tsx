import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { problemOf } from '../../core/problems.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useNow } from '../../parts/now.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { go, usePlace } from '../../place/use-place.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { type ActivityDay, byDay, dayOf, daysBetween } from './activity-days.ts';
import { ActivityFilters } from './activity-filters.tsx';
import { type KindGroup, kindsOf } from './activity-line.ts';
import styles from './activity-page.module.css';
import { useEntry, useJournal } from './activity-queries.ts';
import { EntryRow } from './entry-row.tsx';

/** Every task and every change, the newest first: who did what, how it ended, and the way back. */
export function ActivityPage() {
  const t = useWords('activity');
  const place = usePlace();
  const subject = place.page === 'activity' ? place.subject : undefined;
  const opened = place.page === 'activity' ? place.entry : undefined;
  const [groups, setGroups] = useState<readonly KindGroup[]>([]);
  const filter = useMemo(() => ({ kinds: kindsOf(groups), subject }), [groups, subject]);
  const journal = useJournal(filter);
  const entries = useMemo(() => journal.data?.pages.flatMap((page) => page.entries) ?? [], [journal.data]);
  const days = useMemo(() => byDay(entries), [entries]);
  // The entry asked for stands above the others where it is too old for the first page, and stays there when its page comes.
  const apart =
    opened !== undefined && journal.data?.pages[0]?.entries.every((entry) => entry.id !== opened) === true
      ? opened
      : undefined;
  const older = useEntry(apart);
  const filtered = groups.length > 0 || subject !== undefined;

  function clear(): void {
    setGroups([]);
    go({ page: 'activity' });
  }

  return (
    <Page title={t('title')}>
      <ActivityFilters
        groups={groups}
        onGroups={setGroups}
        subject={subject}
        onSubject={(next) => go({ page: 'activity', ...(next !== undefined && { subject: next }) })}
      />
      {journal.isPending && <SkeletonRows rows={12} height={36} />}
      {journal.error && (
        <ProblemCard
          problem={problemOf(journal.error)}
          action={<Button onClick={() => void journal.refetch()}>{t('ask-again')}</Button>}
        />
      )}
      {journal.data && entries.length === 0 && filtered && (
        <EmptyState title={t('none-title')} action={<Button onClick={clear}>{t('show-all')}</Button>}>
          {t('none-what')}
        </EmptyState>
      )}
      {journal.data && entries.length === 0 && !filtered && (
        <EmptyState title={t('empty-title')}>{t('empty-what')}</EmptyState>
      )}
      {older.error && <ProblemCard problem={problemOf(older.error)} mild />}
      {apart !== undefined &&
        older.data &&
        byDay([older.data]).map((day) => <Day key={`apart ${day.day}`} day={day} opened={older.data.id} />)}
      {days.map((day) => (
        <Day key={day.day} day={day} opened={apart === undefined ? opened : undefined} />
      ))}
      {journal.hasNextPage && <More loading={journal.isFetchingNextPage} onMore={() => void journal.fetchNextPage()} />}
    </Page>
  );
}

function Day({ day, opened }: { readonly day: ActivityDay; readonly opened: string | undefined }) {
  const t = useWords('activity');
  const figures = useFigures();
  const ago = daysBetween(day.day, dayOf(useNow(60_000)));
  return (
    <section className={styles.day}>
      <h2 className={styles.heading}>{ago === 0 ? t('today') : ago === 1 ? t('yesterday') : figures.day(day.day)}</h2>
      <ol className={styles.list}>
        {day.entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} open={entry.id === opened} />
        ))}
      </ol>
    </section>
  );
}

/** Fetches the next page when it comes near the window; the button is for those who do not scroll. */
function More({ loading, onMore }: { readonly loading: boolean; readonly onMore: () => void }) {
  const t = useWords('activity');
  const end = useRef<HTMLDivElement>(null);
  const ask = useRef(onMore);
  useEffect(() => {
    ask.current = onMore;
  });
  useEffect(() => {
    const element = end.current;
    if (element === null || loading) return undefined;
    const watcher = new IntersectionObserver(([seen]) => seen?.isIntersecting === true && ask.current(), {
      rootMargin: '600px',
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [loading]);
  return (
    <div ref={end} className={styles.more}>
      <Button loading={loading} onClick={onMore}>
        {t('older')}
      </Button>
    </div>
  );
}
