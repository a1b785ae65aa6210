import { Button, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import type { Route, RuntimeId } from '../../../preload/contract/runtime.ts';
import { neverSwitched } from '../../../preload/contract/never-switched.ts';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useWords } from '../../words/words.ts';
import { PasswordForm } from './password-form.tsx';
import { useRouteWords } from './route-words.ts';
import styles from './runtimes.module.css';
import { previewSum } from './switch-outcome.ts';
import { SwitchPreviewOf } from './switch-preview.tsx';
import { useRooted } from './use-rooted.ts';

/**
 * Before a switch: what would be written, reloaded and restarted, for one engine or for all that were found. Then the switch itself, with the
 * password where it turns out to be needed. How it goes is shown by the engines' own rows.
 */
export function SwitchPanel({
  runtimes,
  all,
  route,
  onEnd,
}: {
  readonly runtimes: readonly RuntimeId[];
  readonly all: boolean;
  readonly route: Route;
  readonly onEnd: () => void;
}) {
  const core = useCore();
  const t = useWords('runtimes');
  const words = useWords('shell');
  const to = useRouteWords()(route);
  const previews = useQueries({
    queries: runtimes.map((runtime) => ({
      queryKey: ['switch-preview', runtime, ...route],
      queryFn: () => core.runtime.preview({ runtime, route: [...route] }),
      staleTime: 0,
      gcTime: 0,
    })),
  });
  const [only] = runtimes;
  const work = useRooted(async (secret) => {
    if (all || only === undefined) return core.runtime.switchAll({ route: [...route], ...secret });
    return [await core.runtime.switch({ runtime: only, route: [...route], ...secret })];
  }, onEnd);
  // One that can never be switched does not stand in the way of the others.
  const leftOut = (error: Error | null): boolean => all && error !== null && neverSwitched(problemOf(error));
  const ready = previews.every(({ isSuccess, error }) => isSuccess || leftOut(error));
  const failed = previews.some(({ isError }) => isError);
  const sum = previewSum(previews.flatMap(({ data }) => data ?? []));
  const engine = runtimeName(only ?? 'docker');
  const direct = route.length === 0;
  const title = all
    ? direct
      ? t('switch-all-to-direct')
      : t('switch-all-to', { route: to })
    : direct
      ? t('switch-to-direct', { engine })
      : t('switch-to', { engine, route: to });
  return (
    <section className={styles.panel} aria-label={title}>
      <Title order={all ? 2 : 3}>{title}</Title>
      {previews.map(({ data, error, isPending, refetch }, at) => {
        const runtime = runtimes[at];
        // Once it goes, the engines' own rows say how; what was to be read is out of the way.
        if (runtime === undefined || work.busy) return null;
        return (
          <div key={runtime} className={styles.engine}>
            {all && <Title order={3}>{runtimeName(runtime)}</Title>}
            {isPending && <SkeletonRows rows={4} />}
            {leftOut(error) && <p className={styles.dim}>{t('left-out')}</p>}
            {error && (
              <ProblemCard
                mild={leftOut(error)}
                problem={problemOf(error)}
                action={<Button onClick={() => void refetch()}>{t('look-again')}</Button>}
              />
            )}
            {data && <SwitchPreviewOf preview={data} />}
          </div>
        );
      })}
      {all && ready && runtimes.length > 1 && !sum.nothingToDo && !work.busy && (
        <p className={styles.dim}>{t('each-by-itself')}</p>
      )}
      {work.problem && <ProblemCard problem={work.problem} />}
      {work.asked && (
        <PasswordForm
          asked={work.asked}
          verb={title}
          busy={work.busy}
          value={work.password}
          onChange={work.setPassword}
          onSubmit={work.run}
        />
      )}
      <div className={styles.buttons}>
        {!work.asked && !sum.nothingToDo && (
          <Button
            variant="filled"
            loading={work.busy}
            disabled={
              all
                ? previews.some(({ isPending }) => isPending) || previews.every(({ isError }) => isError)
                : !ready || failed
            }
            onClick={work.run}
          >
            {title}
          </Button>
        )}
        <Button onClick={onEnd} disabled={work.busy}>
          {ready && sum.nothingToDo ? words('close') : words('leave-unchanged')}
        </Button>
      </div>
    </section>
  );
}
