import { Button, Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Problem } from '../../preload/contract/problem.ts';
import type { Task } from '../../preload/contract/task.ts';
import { useCore } from '../core/core-context.tsx';
import { useProblemWords, useSay } from '../words/use-say.ts';
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
      {steps && <TaskSteps steps={task.steps} shown={task.problem} />}
      {task.problem && <ProblemCard problem={task.problem} />}
      {task.warnings?.map((warning) => (
        <ProblemCard key={warning.message} problem={warning} mild />
      ))}
    </section>
  );
}

/** The steps of a job with what each has done. `shown` is the problem that is told beside them and so not told again at its step. */
export function TaskSteps({ steps, shown }: { readonly steps: Task['steps']; readonly shown?: Problem | undefined }) {
  const t = useWords('shell');
  const stepWords = useStepWords();
  const say = useSay();
  const problemWords = useProblemWords();
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
          {step.problem === undefined
            ? step.note !== undefined && <span className={styles.note}>{say(step.note)}</span>
            : step.problem.code !== shown?.code && (
                <span className={styles.note}>{problemWords(step.problem).message}</span>
              )}
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
