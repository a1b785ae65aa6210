import { Button, Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Task } from '../../preload/contract/task.ts';
import { useCore } from '../core/core-context.tsx';
import { useFigures } from '../words/use-figures.ts';
import { useStepWords, useTaskTitle } from '../words/use-task-words.ts';
import { useWords } from '../words/words.ts';
import { Icon } from './icons.tsx';
import { ProblemCard } from './problem-card.tsx';
import { taskShare } from './task-share.ts';
import styles from './task-progress.module.css';

/** A job as it goes: its steps with what each has done, how far it is, and a way to stop it. An ended one shows how it ended. */
export function TaskProgress({ task, steps = true }: { readonly task: Task; readonly steps?: boolean }) {
  const t = useWords('shell');
  const title = useTaskTitle()(task);
  const share = taskShare(task);
  return (
    <section className={styles.task} aria-label={title} aria-busy={task.state === 'running'}>
      <div className={styles.head}>
        <span className={styles.title} aria-live="polite">
          {title} · {t(`task-${task.state}`)}
        </span>
        {task.state === 'running' && <CancelTask id={task.id} />}
      </div>
      {task.state === 'running' && (
        <Progress value={(share ?? 0) * 100} size="xs" aria-label={title} transitionDuration={100} />
      )}
      {steps && <TaskSteps steps={task.steps} />}
      {task.problem && <ProblemCard problem={task.problem} />}
    </section>
  );
}

/** The steps of a job with what each has done. */
export function TaskSteps({ steps }: { readonly steps: Task['steps'] }) {
  const t = useWords('shell');
  const stepWords = useStepWords();
  const { bytesOf, count } = useFigures();
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li key={step.id} className={styles.step} data-state={step.state}>
          <span className={styles.mark} aria-hidden="true">
            {stepSigns[step.state]}
          </span>
          <span className="mf-unseen">{t(`step-${step.state}`)}</span>
          <span className={styles.label}>{stepWords(step)}</span>
          {step.progress && step.progress.total > 0 && (
            <span className={styles.note}>
              {step.progress.unit === 'bytes'
                ? bytesOf(step.progress.done, step.progress.total)
                : `${count(step.progress.done)}/${count(step.progress.total)}`}
            </span>
          )}
          {step.note !== undefined && <span className={styles.note}>{step.note}</span>}
        </li>
      ))}
    </ol>
  );
}

const stepSigns: Readonly<Record<Task['steps'][number]['state'], string>> = {
  waiting: '·',
  running: '▸',
  done: '✓',
  failed: '✕',
  skipped: '–',
  undone: '↶',
};

/** Asks the core to stop a job; the job says itself when it has. */
export function CancelTask({ id }: { readonly id: string }) {
  const core = useCore();
  const t = useWords('shell');
  const cancel = useMutation({ mutationFn: () => core.task.cancel({ id }) });
  return (
    <Button
      size="compact-xs"
      leftSection={<Icon name="close" size={12} />}
      loading={cancel.isPending}
      onClick={() => cancel.mutate()}
    >
      {t('cancel-task')}
    </Button>
  );
}
