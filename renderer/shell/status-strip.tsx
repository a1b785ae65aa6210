import { Progress } from '@mantine/core';
import type { RuntimeView } from '../../preload/contract/runtime.ts';
import { useConnectionState, useSnapshot } from '../core/core-context.tsx';
import { coreNews } from '../door/core-news.ts';
import { useShell } from '../door/door-context.tsx';
import { CancelTask } from '../parts/task-progress.tsx';
import { taskShare } from '../parts/task-share.ts';
import { StateMark } from '../parts/state-mark.tsx';
import { PlaceLink } from '../parts/place-link.tsx';
import { useTaskTitle } from '../words/use-task-words.ts';
import { useWords } from '../words/words.ts';
import { runtimeName } from '../../preload/contract/runtime-name.ts';
import styles from './shell.module.css';

/** The strip at the foot: whether the core is there, the route of every engine, and what runs. */
export function StatusStrip() {
  const t = useWords('shell');
  const state = useConnectionState();
  const runtimes = useSnapshot((snapshot) => snapshot.runtimes.filter((runtime) => runtime.state !== 'absent'));
  const task = useSnapshot((snapshot) => snapshot.tasks.findLast((each) => each.state === 'running'));
  const more = useSnapshot((snapshot) => snapshot.tasks.filter((each) => each.state === 'running').length) ?? 0;
  const taskTitle = useTaskTitle();
  const stopped = coreNews(state, useShell()?.state) === 'stopped';
  const stale = state !== 'open';
  return (
    <footer className={styles.strip} aria-label={t('status')}>
      <StateMark
        state={stopped ? 'down' : state === 'open' ? 'up' : state === 'connecting' ? 'unknown' : 'down'}
        word={t(`core-${stopped ? 'stopped' : state}`)}
      />
      {runtimes?.map((runtime) => (
        <span key={runtime.id} className={stale ? 'mf-stale' : undefined}>
          <PlaceLink to={{ page: 'runtimes' }} plain>
            {runtimeName(runtime.id)} →{' '}
            {routeWords(runtime, t('direct'), t(runtime.mirrors.length > 0 ? 'foreign-mirrors' : 'state-unknown'))}
          </PlaceLink>
        </span>
      ))}
      {task && (
        <span className={styles.running}>
          <span className={styles.runningTitle}>
            <PlaceLink to={{ page: 'activity' }} plain>
              {taskTitle(task)}
              {more > 1 && ` ${t('and-more', { count: more - 1 })}`}
            </PlaceLink>
          </span>
          <Progress
            value={(taskShare(task) ?? 0) * 100}
            size="xs"
            w="6rem"
            aria-label={taskTitle(task)}
            transitionDuration={100}
          />
          <CancelTask id={task.id} />
        </span>
      )}
    </footer>
  );
}

function routeWords({ route }: RuntimeView, direct: string, other: string): string {
  if (route === undefined) return other;
  return route.length === 0 ? direct : route.join(', ');
}
