import { Tooltip, UnstyledButton } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import { useSnapshot } from '../../core/core-context.tsx';
import { Icon } from '../../parts/icons.tsx';
import { useNow } from '../../parts/now.ts';
import { dateFormat } from '../../../preload/contract/formats.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useProblemWords } from '../../words/use-say.ts';
import { useTaskTitle } from '../../words/use-task-words.ts';
import { useLanguage, useWords } from '../../words/words.ts';
import { durationMs, type LineState, lineState, whose } from './activity-line.ts';
import { EntryActions } from './entry-actions.tsx';
import { EntryDetails } from './entry-details.tsx';
import styles from './entry-row.module.css';
import { tookText } from './took-text.ts';

const signs: Readonly<Record<LineState, string>> = {
  running: '▸',
  done: '✓',
  failed: '✕',
  cancelled: '■',
  interrupted: '!',
  undone: '↶',
};

/** One line of the journal; opened it shows its steps, files and figures. */
export const EntryRow = memo(function EntryRow({
  entry,
  open: openAtFirst,
}: {
  readonly entry: ActivityEntry;
  readonly open: boolean;
}) {
  const t = useWords('activity');
  const title = useTaskTitle()(entry);
  const [open, setOpen] = useState(openAtFirst);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (openAtFirst) row.current?.scrollIntoView({ block: 'center' });
  }, [openAtFirst]);
  const state = lineState(entry);
  return (
    <li ref={row} className={styles.entry} data-open={open || undefined}>
      <div className={styles.line}>
        <UnstyledButton className={styles.what} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={styles.arrow} data-open={open || undefined}>
            <Icon name="chevron" size={12} />
          </span>
          <span className={styles.state} data-state={state}>
            <span className={styles.sign} aria-hidden="true">
              {signs[state]}
            </span>
            {t(`state-${state}`)}
          </span>
          <span className={styles.title}>{title}</span>
          <span className={styles.brief}>
            <Brief entry={entry} />
          </span>
        </UnstyledButton>
        <span className={styles.who}>
          <Who entry={entry} />
        </span>
        <span className={styles.took}>
          {entry.state === 'running' ? <Running entry={entry} /> : <Took entry={entry} />}
        </span>
        <span className={styles.at}>
          <Clock at={entry.startedAt} />
        </span>
        <span className={styles.actions}>
          <EntryActions entry={entry} title={title} />
        </span>
      </div>
      {open && <EntryDetails entry={entry} />}
    </li>
  );
});

/** The one thing worth knowing without opening: what a prune freed, why something failed. */
function Brief({ entry }: { readonly entry: ActivityEntry }) {
  const t = useWords('activity');
  const { bytes } = useFigures();
  const words = useProblemWords();
  const freed = entry.outcome?.['freedBytes'];
  if (entry.problem) return words(entry.problem).message;
  if (typeof freed === 'number') return t('freed', { size: bytes(freed) });
  return entry.changes.length > 0 ? t('files', { count: entry.changes.length }) : null;
}

function Who({ entry }: { readonly entry: ActivityEntry }) {
  const t = useWords('activity');
  const here = useSnapshot((snapshot) => snapshot.who);
  const by = whose(entry, here);
  return by === 'here' ? <Tooltip label={entry.who}>{<span>{t('this-computer')}</span>}</Tooltip> : entry.who;
}

function Took({ entry }: { readonly entry: ActivityEntry }) {
  const language = useLanguage();
  const { span } = useFigures();
  const took = durationMs(entry, 0);
  return took === undefined ? null : tookText(took, language, span);
}

function Running({ entry }: { readonly entry: ActivityEntry }) {
  const { span } = useFigures();
  return span(durationMs(entry, useNow()) ?? 0);
}

function Clock({ at }: { readonly at: number }) {
  const language = useLanguage();
  const { moment } = useFigures();
  return (
    <Tooltip label={moment(at)}>
      <time dateTime={new Date(at).toISOString()}>
        {dateFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)}
      </time>
    </Tooltip>
  );
}
