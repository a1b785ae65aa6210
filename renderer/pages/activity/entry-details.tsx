import type { ReactNode } from 'react';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import { Age } from '../../parts/age.tsx';
import { Diff } from '../../parts/diff.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Fold } from '../../parts/fold.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { TaskSteps } from '../../parts/task-progress.tsx';
import { useSay } from '../../words/use-say.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { type Figure, figuresOf } from './activity-line.ts';
import styles from './entry-row.module.css';

/** What an entry did, step by step, with its files, its figures and how it ended. */
export function EntryDetails({ entry }: { readonly entry: ActivityEntry }) {
  const t = useWords('activity');
  const { moment } = useFigures();
  return (
    <div className={styles.details}>
      {entry.problem && <ProblemCard problem={entry.problem} />}
      {entry.warnings?.map((warning) => (
        <ProblemCard key={warning.message} problem={warning} mild />
      ))}
      {entry.undoneBy !== undefined && (
        <p>
          {t('undone')} <PlaceLink to={{ page: 'activity', entry: entry.undoneBy }}>{t('undone-by')}</PlaceLink>
        </p>
      )}
      <Facts>
        <Fact name={t('fact-subject')}>{entry.subject}</Fact>
        <Fact name={t('fact-who')}>{entry.who}</Fact>
        <Fact name={t('fact-began')}>{moment(entry.startedAt)}</Fact>
        {entry.endedAt !== undefined && entry.endedAt !== entry.startedAt && (
          <Fact name={t('fact-ended')}>{moment(entry.endedAt)}</Fact>
        )}
        {figuresOf(entry.outcome).map((figure) => (
          <OutcomeFact key={figure.name} figure={figure} />
        ))}
      </Facts>
      {entry.steps.length > 0 && <TaskSteps steps={entry.steps} shown={entry.problem} />}
      {entry.changes.map((change) => (
        <Fold
          key={change.path}
          title={
            <span>
              {t(`file-${change.action}`)} <span className={styles.path}>{change.path}</span>
            </span>
          }
          open={entry.changes.length === 1}
        >
          <Diff diff={change.diff} label={change.path} />
        </Fold>
      ))}
    </div>
  );
}

/** The figures a task can end with that have words of their own; another is shown by its name. */
const named = [
  'freedBytes',
  'images',
  'images-named',
  'blobs',
  'proof',
  'requests',
  'steps',
  'roundTrips',
  'files',
  'bytes',
  'damaged',
  'unreadable',
  'removed',
  'by',
] as const;

function OutcomeFact({ figure }: { readonly figure: Figure }) {
  const t = useWords('activity');
  // A prune counts the images it removed; a scrub names those that need a damaged file.
  const key = figure.name === 'images' && typeof figure.value === 'string' ? 'images-named' : figure.name;
  const known = named.find((name) => name === key);
  return <Fact name={known === undefined ? figure.name : t(`outcome-${known}`)}>{useWritten(figure)}</Fact>;
}

function useWritten({ value, form }: Figure): ReactNode {
  const t = useWords('activity');
  const say = useSay();
  const { bytes, span, count } = useFigures();
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return say(value);
  if (form === 'bytes') return bytes(value);
  if (form === 'span') return span(value);
  return form === 'moment' ? <Age at={value} /> : count(value);
}
