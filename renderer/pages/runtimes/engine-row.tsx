import { Button, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Route, RuntimeView } from '../../../preload/contract/runtime.ts';
import { useConnectionState, useCore } from '../../core/core-context.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Fold } from '../../parts/fold.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useFigures } from '../../words/use-figures.ts';
import { useSay } from '../../words/use-say.ts';
import { useWords } from '../../words/words.ts';
import { PasswordForm } from './password-form.tsx';
import type { RouteOption } from './route-choice.ts';
import { RouteSelect } from './route-select.tsx';
import { useRouteWords } from './route-words.ts';
import type { RuntimeRow } from './runtime-row.ts';
import styles from './runtimes.module.css';
import { StandingLine } from './standing-words.tsx';
import { useRooted } from './use-rooted.ts';

/** One engine of this computer: what it is, where it pulls from and what that rests on, with the ways to change and to test it. */
export function EngineRow({
  row,
  options,
  chosen,
  onChoose,
  onSeveral,
  children,
}: {
  readonly row: RuntimeRow;
  readonly options: readonly RouteOption[];
  /** The route that is being looked at before it is switched to. */
  readonly chosen: Route | undefined;
  readonly onChoose: (route: Route) => void;
  readonly onSeveral: () => void;
  /** What the change is about to do, while one is looked at. */
  readonly children?: ReactNode;
}) {
  const { view, standing, task } = row;
  const core = useCore();
  const t = useWords('runtimes');
  const connected = useConnectionState() === 'open';
  const routeWords = useRouteWords();
  const engine = runtimeName(view.id);
  const testing = useRooted(async (secret) => [await core.runtime.prove({ runtime: view.id, ...secret })]);
  const place = [view.version, view.store && t(`store-${view.store}`), view.file].filter(
    (each) => each !== undefined && each !== '',
  );
  return (
    <li className={styles.row} aria-label={engine} aria-busy={row.running}>
      <div className={styles.line}>
        <div className={styles.what}>
          <Title order={2} className={styles.name ?? ''}>
            {engine}
            {view.route !== undefined && <span className={styles.route}>→ {routeWords(view.route)}</span>}
          </Title>
          <div className={styles.dim}>{place.join(' · ')}</div>
          <StandingLine view={view} standing={standing} stale={!connected} />
        </div>
        <div className={styles.controls}>
          {row.testable && (
            <Button
              leftSection={<Icon name="refresh" size={14} />}
              loading={testing.busy}
              disabled={!connected}
              onClick={testing.run}
            >
              {t('test-again')}
            </Button>
          )}
          <RouteSelect
            id={view.id}
            label={t('route-of', { engine })}
            route={chosen ?? view.route}
            options={options}
            disabled={!row.switchable || !connected}
            onChoose={onChoose}
            onSeveral={onSeveral}
          />
        </div>
      </div>
      {view.problem && (
        <ProblemCard
          problem={view.problem}
          mild={view.state !== 'found'}
          action={<WayOut view={view} onChoose={onChoose} />}
        />
      )}
      {testing.problem && <ProblemCard problem={testing.problem} />}
      {testing.asked && (
        <div className={styles.panel}>
          <PasswordForm
            asked={testing.asked}
            verb={t('test-engine', { engine })}
            busy={testing.busy}
            value={testing.password}
            onChange={testing.setPassword}
            onSubmit={testing.run}
          />
        </div>
      )}
      {children}
      {/* What a job that is done came to stands above: the route and its proof. */}
      {task && task.state !== 'done' && (row.running || children === undefined) && <TaskProgress task={task} />}
      <Details row={row} />
    </li>
  );
}

/** The one thing that helps: back to direct after a switch that was cut off, another look after the person did what the hint says. */
function WayOut({ view, onChoose }: { readonly view: RuntimeView; readonly onChoose: (route: Route) => void }) {
  const core = useCore();
  const t = useWords('runtimes');
  const look = useMutation({ mutationFn: () => core.live.refresh() });
  if (view.problem?.code === 'switch-interrupted')
    return <Button onClick={() => onChoose([])}>{t('switch-to-direct', { engine: runtimeName(view.id) })}</Button>;
  return (
    <Button leftSection={<Icon name="refresh" size={14} />} loading={look.isPending} onClick={() => look.mutate()}>
      {t('look-again')}
    </Button>
  );
}

function Details({ row: { view } }: { readonly row: RuntimeRow }) {
  const t = useWords('runtimes');
  const say = useSay();
  const { moment, count } = useFigures();
  const { proof, abilities = [], mirrors } = view;
  if (proof === undefined && abilities.length === 0 && mirrors.length === 0) return null;
  return (
    <Fold title={<span className={styles.dim}>{t('abilities-and-proof')}</span>}>
      {abilities.length > 0 && (
        <ul className={styles.facts}>
          {abilities.map((ability) => (
            <li key={ability.code}>{say(ability)}</li>
          ))}
        </ul>
      )}
      <Facts>
        {mirrors.length > 0 && <Fact name={t('mirrors')}>{mirrors.join(', ')}</Fact>}
        {proof && (
          <>
            <Fact name={t('proof-image')}>{proof.image}</Fact>
            <Fact name={t('proof-seen')}>
              {t('proof-requests', { count: proof.requests, shown: count(proof.requests), node: proof.node })}
            </Fact>
            <Fact name={t('proof-request')}>{proof.requestId}</Fact>
            <Fact name={t('proof-at')}>{moment(proof.at)}</Fact>
          </>
        )}
      </Facts>
    </Fold>
  );
}
