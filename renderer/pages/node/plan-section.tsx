import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NodeView } from '../../../preload/contract/status.ts';
import type { Task } from '../../../preload/contract/task.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { Age } from '../../parts/age.tsx';
import { Section } from '../../parts/page.tsx';
import { PlanList } from '../../parts/plan-list.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useWords } from '../../words/words.ts';
import styles from './node.module.css';
import { Unlock } from './unlock.tsx';

/** What is not as the last apply left it, the plan that would put it right, and the button that does. */
export function PlanSection({
  node,
  asked,
  task,
}: {
  readonly node: NodeView;
  readonly asked: boolean;
  readonly task: Task | undefined;
}) {
  const t = useWords('node');
  const core = useCore();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState(asked);
  const drift = node.drift;
  const plan = useQuery({
    queryKey: ['node', 'plan', node.name],
    queryFn: ({ signal }) => core.node.plan({ name: node.name }, { signal }),
    enabled: wanted || asked,
    staleTime: 0,
    // A plan is a promise about what was read; it is made anew only when someone asks.
    refetchOnReconnect: false,
    refetchOnMount: 'always',
  });
  const apply = useMutation({
    mutationFn: ({ hash, breakLock }: { readonly hash: string; readonly breakLock: boolean }) =>
      core.node.apply({ name: node.name, hash, breakLock }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['node'] }),
  });
  const again = (): void => {
    apply.reset();
    void plan.refetch();
  };
  const running = apply.isPending || task?.state === 'running';
  const applyProblem = apply.isError ? problemOf(apply.error) : undefined;
  const hash = plan.data?.hash;
  return (
    <Section title={t('plan')}>
      {drift && drift.files.length > 0 && (
        <div>
          <p className={styles.line}>
            {t('drift')}{' '}
            <span className={styles.dim}>
              ({t('looked-at')} <Age at={drift.at} />)
            </span>
          </p>
          <ul className={styles.files}>
            {drift.files.map((file) => (
              <li key={file}>
                <code>{file}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {!(wanted || asked) && (
        <div>
          <Button onClick={() => setWanted(true)}>{t('make-plan')}</Button>
        </div>
      )}
      {plan.isLoading && <SkeletonRows rows={4} height={28} />}
      {plan.isError && !plan.isFetching && (
        <ProblemCard
          problem={problemOf(plan.error)}
          action={<Unlock node={node.name} problem={problemOf(plan.error)} onDone={again} />}
        />
      )}
      {running && task && <TaskProgress task={task} />}
      {!running && task && task.state !== 'done' && apply.isSuccess && <TaskProgress task={task} />}
      {applyProblem && (
        <ProblemCard
          problem={applyProblem}
          action={
            applyProblem.code === 'plan-outdated' ? (
              <Button onClick={again}>{t('make-plan-again')}</Button>
            ) : applyProblem.code === 'node-locked' && hash !== undefined ? (
              <Button onClick={() => apply.mutate({ hash, breakLock: true })}>{t('break-lock')}</Button>
            ) : (
              <Unlock node={node.name} problem={applyProblem} onDone={again} />
            )
          }
        />
      )}
      {plan.data && !running && (
        <>
          {plan.data.steps.length === 0 ? (
            <p className={styles.line} role="status">
              {apply.data?.state === 'done' ? t('applied') : t('nothing-to-do')}
            </p>
          ) : (
            <PlanList plan={plan.data} />
          )}
          <div className={styles.buttons}>
            {plan.data.steps.length > 0 && (
              <Button variant="filled" onClick={() => apply.mutate({ hash: plan.data.hash, breakLock: false })}>
                {t('apply', { name: node.name, count: plan.data.steps.length })}
              </Button>
            )}
            <Button loading={plan.isFetching} onClick={again}>
              {t('make-plan-again')}
            </Button>
          </div>
        </>
      )}
    </Section>
  );
}
