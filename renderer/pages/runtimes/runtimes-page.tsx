import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { type Route, type RuntimeId, runtimeIdSchema } from '../../../preload/contract/runtime.ts';
import { sameRoute } from '../../../preload/contract/same-route.ts';
import { useConnectionState, useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { go, usePlace } from '../../place/use-place.ts';
import { useWords } from '../../words/words.ts';
import { AbsentEngines } from './absent-engines.tsx';
import { EngineRow } from './engine-row.tsx';
import { askedRoute, routeOptions } from './route-choice.ts';
import { focusRoute, RouteOrder, RouteSelect } from './route-select.tsx';
import { runtimeRows } from './runtime-row.ts';
import styles from './runtimes.module.css';
import { SwitchPanel } from './switch-panel.tsx';

/** What ended within the last ten minutes is still shown: a switch from the tray that failed is looked up here. */
const recentMs = 600_000;

/** A change that is being looked at: of one engine or of all, to a route, or with the order of several nodes still to be set. */
interface Looking {
  readonly target: RuntimeId | 'all';
  readonly route: Route | undefined;
  readonly ordering: boolean;
}

/** The container engines of this computer: which way each pulls, what proves it, and how to change it. */
export function RuntimesPage() {
  const t = useWords('runtimes');
  const place = usePlace();
  const snapshot = useSnapshot(({ runtimes, nodes, tasks }) => ({ runtimes, nodes, tasks }));
  const connected = useConnectionState() === 'open';
  const [since] = useState(() => Date.now() - recentMs);
  const [chosen, setLooking] = useState<Looking>();
  if (!snapshot)
    return (
      <Page title={t('title')}>
        <SkeletonRows rows={6} height={44} />
      </Page>
    );
  const { runtimes, nodes, tasks } = snapshot;
  const options = routeOptions(nodes);
  const rows = runtimeRows(runtimes, nodes, tasks, since);
  const absent = runtimes.filter(({ state }) => state === 'absent').map(({ id }) => id);
  const found = rows.filter(({ view }) => view.state === 'found').map(({ view }) => view.id);
  const asked = place.page === 'runtimes' ? askedRoute(place.route, options) : undefined;
  const looking: Looking | undefined =
    chosen ?? (asked && found.length > 0 ? { target: 'all', route: asked, ordering: false } : undefined);
  const close = (): void => {
    if (looking) focusRoute(looking.target);
    setLooking(undefined);
    if (asked) go({ page: 'runtimes' }, { replace: true });
  };
  const look = (next: Looking): void => {
    if (asked) go({ page: 'runtimes' }, { replace: true });
    setLooking(next);
  };
  const panel = (target: Looking['target'], ids: readonly RuntimeId[], now: Route): React.ReactNode => {
    if (looking?.target !== target) return undefined;
    if (looking.ordering)
      return (
        <RouteOrder
          initial={looking.route ?? now}
          options={options}
          onDone={(route) => look({ target, route, ordering: false })}
          onClose={close}
        />
      );
    if (looking.route === undefined) return undefined;
    return (
      <SwitchPanel
        key={`${target} ${looking.route.join(',')}`}
        runtimes={ids}
        all={target === 'all'}
        route={looking.route}
        onEnd={close}
      />
    );
  };
  return (
    <Page
      title={t('title')}
      actions={
        found.length > 1 && (
          <>
            <span className={styles.dim}>{t('switch-all')}</span>
            <RouteSelect
              id="all"
              label={t('switch-all')}
              route={looking?.target === 'all' ? looking.route : commonRoute(rows.map(({ view }) => view.route))}
              options={options}
              disabled={!connected || rows.some(({ running }) => running)}
              onChoose={(route) => look({ target: 'all', route, ordering: false })}
              onSeveral={() => look({ target: 'all', route: undefined, ordering: true })}
            />
          </>
        )
      }
    >
      {rows.length === 0 && <NothingFound />}
      {panel('all', found, [])}
      {nodes.length === 0 && rows.length > 0 && (
        <p className={styles.dim}>
          {t('no-node-yet')} <PlaceLink to={{ page: 'add' }}>{t('add-first-node')}</PlaceLink>
        </p>
      )}
      {rows.length > 0 && (
        <ul className={styles.list}>
          {rows.map((row) => {
            const { id, route = [] } = row.view;
            return (
              <EngineRow
                key={id}
                row={row}
                options={options}
                chosen={looking?.target === id ? looking.route : undefined}
                onChoose={(next) =>
                  sameRoute(next, row.view.route) ? close() : look({ target: id, route: next, ordering: false })
                }
                onSeveral={() => look({ target: id, route: undefined, ordering: true })}
              >
                {panel(id, [id], route)}
              </EngineRow>
            );
          })}
        </ul>
      )}
      {absent.length > 0 && rows.length > 0 && (
        <Section title={t('not-found')} actions={<LookAgain />}>
          <AbsentEngines engines={absent} />
        </Section>
      )}
    </Page>
  );
}

function NothingFound() {
  const t = useWords('runtimes');
  return (
    <EmptyState title={t('nothing-found')} action={<LookAgain />}>
      <p>{t('nothing-found-why')}</p>
      <AbsentEngines engines={runtimeIdSchema.options} />
    </EmptyState>
  );
}

/** The route that all engines follow; undefined where they differ. */
function commonRoute(routes: readonly (Route | undefined)[]): Route | undefined {
  const [first] = routes;
  return first && routes.every((each) => sameRoute(each, first)) ? first : undefined;
}

function LookAgain() {
  const core = useCore();
  const t = useWords('runtimes');
  const look = useMutation({ mutationFn: () => core.live.refresh() });
  return (
    <>
      {look.error && <ProblemCard problem={problemOf(look.error)} />}
      <Button leftSection={<Icon name="refresh" size={14} />} loading={look.isPending} onClick={() => look.mutate()}>
        {t('look-again')}
      </Button>
    </>
  );
}
