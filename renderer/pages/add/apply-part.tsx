import { Button } from '@mantine/core';
import type { Task } from '../../../preload/contract/task.ts';
import { formatPlace } from '../../place/place.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { useWords } from '../../words/words.ts';
import styles from './add.module.css';
import { Part } from './part.tsx';
import type { Adding } from './use-adding.ts';

/** The apply as it goes; where it did not come to its end, how to go on: what was done is found, and only the rest is planned. */
export function ApplyPart({ adding, task }: { readonly adding: Adding; readonly task: Task }) {
  const t = useWords('add');
  const { known } = adding;
  const goOn =
    known.asking === 'nothing' &&
    !known.plan &&
    (task.state === 'failed' || task.state === 'cancelled' || task.state === 'interrupted');
  return (
    <Part title={t('applying')} arrives>
      <TaskProgress task={task} />
      {goOn && (
        <div className={styles.buttons}>
          <Button variant="filled" onClick={adding.makePlan}>
            {t('go-on')}
          </Button>
          <span className={styles.dim}>{t('go-on-what')}</span>
        </div>
      )}
    </Part>
  );
}

/** The node serves: what to do with it now. */
export function FinishedPart({ adding }: { readonly adding: Adding }) {
  const t = useWords('add');
  const { task, draft } = adding.known;
  const { name } = draft;
  return (
    <Part title={t('finished', { name })} arrives>
      <p>{task ? t('finished-what') : t('finished-already')}</p>
      <div className={styles.buttons}>
        <Button
          component="a"
          variant="filled"
          href={formatPlace({ page: 'runtimes', route: name })}
          onClick={adding.leave}
        >
          {t('switch-to-it', { name })}
        </Button>
        <Button onClick={adding.startOver}>{t('add-another')}</Button>
        <PlaceLink to={{ page: 'node', node: name }}>{t('look-at-it', { name })}</PlaceLink>
      </div>
    </Part>
  );
}
