import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import { Icon } from '../../parts/icons.tsx';
import { CancelTask } from '../../parts/task-progress.tsx';
import { useWords } from '../../words/words.ts';
import { actionsOf } from './activity-line.ts';
import { TakeUp } from './take-up.tsx';

/** What can be done about an entry now: stop it, go on with it, take it back. */
export function EntryActions({ entry, title }: { readonly entry: ActivityEntry; readonly title: string }) {
  const t = useWords('activity');
  const [asking, setAsking] = useState<'undo' | 'resume'>();
  const button = (how: 'undo' | 'resume') => (
    <Button
      key={how}
      size="compact-xs"
      leftSection={<Icon name={how === 'undo' ? 'undo' : 'refresh'} size={12} />}
      onClick={() => setAsking(how)}
      aria-label={t(how === 'undo' ? 'undo-named' : 'resume-named', { title })}
    >
      {t(how)}
    </Button>
  );
  return (
    <>
      {actionsOf(entry).map((action) =>
        action === 'cancel' ? <CancelTask key={action} id={entry.id} /> : button(action),
      )}
      {asking && <TakeUp entry={entry} title={title} how={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}
