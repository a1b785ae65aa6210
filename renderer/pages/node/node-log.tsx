import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useChanges, useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Age } from '../../parts/age.tsx';
import { Section } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useTaskTitle } from '../../words/use-task-words.ts';
import { useWords } from '../../words/words.ts';
import styles from './node.module.css';

const shown = 8;
const marks = { running: 'unknown', done: 'up', failed: 'down', cancelled: 'unknown', interrupted: 'slow' } as const;

/** The last changes of this node; all of them with what they changed and how they are undone are on the Activity page. */
export function NodeLog({ node }: { readonly node: string }) {
  const t = useWords('node');
  const shell = useWords('shell');
  const core = useCore();
  const queries = useQueryClient();
  const title = useTaskTitle();
  const queryKey = ['activity', 'subject', node];
  const log = useQuery({
    queryKey,
    queryFn: ({ signal }) => core.activity.list({ subject: node, limit: shown }, { signal }),
  });
  useChanges((change) => {
    if (change.kind === 'activity' && change.entry.subject === node) void queries.invalidateQueries({ queryKey });
  });
  return (
    <Section title={t('log')} actions={<PlaceLink to={{ page: 'activity', subject: node }}>{t('log-all')}</PlaceLink>}>
      {log.isPending && <SkeletonRows rows={3} height={28} />}
      {log.isError && <ProblemCard problem={problemOf(log.error)} mild />}
      {log.data?.entries.length === 0 && <p className={styles.dim}>{t('log-empty')}</p>}
      <ul className={styles.log}>
        {log.data?.entries.map((entry) => (
          <li key={entry.id}>
            <span className={styles.when}>
              <Age at={entry.startedAt} />
            </span>
            <PlaceLink to={{ page: 'activity', subject: node, entry: entry.id }} plain>
              {title(entry)}
            </PlaceLink>
            <StateMark state={marks[entry.state]} word={shell(`task-${entry.state}`)} />
            <span className={styles.dim}>{entry.who}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
