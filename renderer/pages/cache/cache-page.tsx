import { Button, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSnapshot } from '../../core/core-context.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { go, usePlace } from '../../place/use-place.ts';
import { useWords } from '../../words/words.ts';
import { CacheBody } from './cache-body.tsx';
import { CacheEmpty } from './cache-empty.tsx';
import styles from './cache-page.module.css';

const all = '*';

/** The caches of the fleet: where the bytes are, every image, what can go, and what each node does by itself. */
export function CachePage() {
  const place = usePlace();
  const { node, search, show } =
    place.page === 'cache' ? place : { node: undefined, search: undefined, show: undefined };
  const t = useWords('cache');
  const queries = useQueryClient();
  const applied = useSnapshot((snapshot) => snapshot.nodes.filter((each) => each.applied).map((each) => each.name));
  const known = useSnapshot((snapshot) => snapshot.nodes.length);
  const chosen = applied?.find((each) => each === node) ?? (applied?.length === 1 ? applied[0] : undefined);
  const nodes = useSame(chosen === undefined ? (applied ?? []) : [chosen]);
  const choose = (next: string | undefined): void =>
    go({ page: 'cache', ...(next !== undefined && { node: next }), ...(search !== undefined && { search }) });
  const askRule = (asked: boolean): void =>
    go(
      {
        page: 'cache',
        ...(node !== undefined && { node }),
        ...(search !== undefined && { search }),
        ...(asked && { show: 'prune' }),
      },
      { replace: !asked },
    );
  const options = useMemo(
    () => [{ value: all, label: t('all-nodes') }, ...(applied ?? []).map((each) => ({ value: each, label: each }))],
    [applied, t],
  );

  return (
    <Page
      title={t('title')}
      beside={
        (applied?.length ?? 0) > 1 && (
          <Select
            size="xs"
            className={styles.node}
            aria-label={t('choose-node')}
            data={options}
            value={chosen ?? all}
            allowDeselect={false}
            onChange={(value) => choose(value === all || value === null ? undefined : value)}
          />
        )
      }
      actions={
        nodes.length > 0 && (
          <>
            <Button
              leftSection={<Icon name="refresh" size={14} />}
              onClick={() => void queries.invalidateQueries({ queryKey: ['cache'] })}
            >
              {t('count-again')}
            </Button>
            <Button onClick={() => askRule(true)}>{t('prune-by-rule')}</Button>
          </>
        )
      }
    >
      {applied === undefined && <SkeletonRows rows={10} />}
      {applied?.length === 0 && <CacheEmpty nodes={known ?? 0} />}
      {nodes.length > 0 && (
        <CacheBody
          key={nodes.join(' ')}
          nodes={nodes}
          one={chosen}
          search={search ?? ''}
          onSearch={(next) =>
            go(
              { page: 'cache', ...(chosen !== undefined && { node: chosen }), ...(next !== '' && { search: next }) },
              { replace: true },
            )
          }
          onNode={choose}
          byRule={show === 'prune'}
          onByRule={askRule}
        />
      )}
    </Page>
  );
}

/** The same list as long as it holds the same. */
function useSame(list: readonly string[]): readonly string[] {
  const text = list.join(' ');
  return useMemo(() => (text === '' ? [] : text.split(' ')), [text]);
}
