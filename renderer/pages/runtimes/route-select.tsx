import { ActionIcon, Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { Route } from '../../../preload/contract/runtime.ts';
import { Icon } from '../../parts/icons.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useWords } from '../../words/words.ts';
import { choiceOf, choices, moved, type RouteOption, routeOf, withNode } from './route-choice.ts';
import styles from './runtimes.module.css';

/** Chooses a route: direct, a node, or several in an order that is set next. */
export function RouteSelect({
  id,
  label,
  route,
  options,
  disabled,
  onChoose,
  onSeveral,
}: {
  /** Whose route it is; {@link focusRoute} goes back to it. */
  readonly id: string;
  readonly label: string;
  readonly route: Route | undefined;
  readonly options: readonly RouteOption[];
  readonly disabled?: boolean;
  readonly onChoose: (route: Route) => void;
  readonly onSeveral: () => void;
}) {
  const t = useWords('runtimes');
  const words = useWords('shell');
  const choice = choiceOf(route);
  return (
    <NativeSelect
      id={`route-of-${id}`}
      className={styles.select}
      size="xs"
      aria-label={label}
      value={choice}
      disabled={disabled ?? false}
      onChange={({ currentTarget: { value } }) => {
        const chosen = routeOf(value);
        if (chosen) onChoose(chosen);
        else if (value === choices.several) onSeveral();
      }}
    >
      {choice === '' && <option value="">{t('choose-route')}</option>}
      <option value={choices.direct}>{words('direct')}</option>
      {options.map(({ node, state, applied }) => (
        <option key={node} value={`${choices.node}${node}`} disabled={!applied}>
          {`${node} · ${applied ? words(`state-${state}`) : t('not-applied')}`}
        </option>
      ))}
      {(options.filter(({ applied }) => applied).length > 1 || choice === choices.several) && (
        <option value={choices.several}>{choice === choices.several ? (route ?? []).join(', ') : t('several')}</option>
      )}
    </NativeSelect>
  );
}

/** Back to where a change was begun, when it is over. */
export function focusRoute(id: string): void {
  document.querySelector<HTMLElement>(`#route-of-${id}`)?.focus();
}

/** Sets the order of several nodes: the first that answers is used, the next ones stand by. */
export function RouteOrder({
  initial,
  options,
  onDone,
  onClose,
}: {
  readonly initial: Route;
  readonly options: readonly RouteOption[];
  readonly onDone: (route: Route) => void;
  readonly onClose: () => void;
}) {
  const t = useWords('runtimes');
  const words = useWords('shell');
  const [route, setRoute] = useState<Route>(initial);
  const usable = options.filter(({ applied }) => applied);
  const shown = [
    ...route.flatMap((name) => usable.filter(({ node }) => node === name)),
    ...usable.filter(({ node }) => !route.includes(node)),
  ];
  return (
    <div className={styles.panel}>
      <h3>{t('order-title')}</h3>
      <p className={styles.dim}>{t('order-why')}</p>
      <ol className={styles.order}>
        {shown.map(({ node, state }) => {
          const at = route.indexOf(node);
          return (
            <li key={node}>
              <span className={styles.place}>{at < 0 ? '' : at + 1}</span>
              <Checkbox
                className={styles.grow}
                checked={at >= 0}
                label={node}
                onChange={() => setRoute((now) => withNode(now, node))}
              />
              <StateMark state={state} />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('earlier', { node })}
                disabled={at <= 0}
                onClick={() => setRoute((now) => moved(now, node, -1))}
              >
                <Icon name="up" size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('later', { node })}
                disabled={at < 0 || at === route.length - 1}
                onClick={() => setRoute((now) => moved(now, node, 1))}
              >
                <Icon name="down" size={14} />
              </ActionIcon>
            </li>
          );
        })}
      </ol>
      <div className={styles.buttons}>
        <Button variant="filled" disabled={route.length === 0} onClick={() => onDone(route)}>
          {t('see-changes')}
        </Button>
        <Button onClick={onClose}>{words('leave-unchanged')}</Button>
      </div>
    </div>
  );
}
