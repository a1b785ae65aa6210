import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { LocalStorage } from '../../../preload/contract/cache.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import type { RuntimeId } from '../../../preload/contract/runtime.ts';
import { useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Bytes } from '../../parts/figure.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';

interface EngineRow {
  readonly id: RuntimeId;
  readonly engine: string;
  readonly storage: LocalStorage | undefined;
  readonly problem: Problem | undefined;
}

/** What the engines of this computer keep for themselves, beside the nodes' caches: another copy of some of the same bytes. */
export function ThisComputer() {
  const t = useWords('cache');
  const { count } = useFigures();
  const core = useCore();
  const engines = useSnapshot((snapshot) => snapshot.runtimes.filter((runtime) => runtime.state === 'found')) ?? [];
  const results = useQueries({
    queries: engines.map(({ id }) => ({
      queryKey: ['runtime', 'storage', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => core.runtime.storage({ runtime: id }, { signal }),
      staleTime: 60_000,
      retry: false,
    })),
  });
  const rows = engines.map(({ id, engine }, index): EngineRow => {
    const result = results[index];
    return { id, engine, storage: result?.data, problem: result?.error ? problemOf(result.error) : undefined };
  });
  const columns = useMemo(
    (): readonly Column<EngineRow>[] => [
      { id: 'engine', title: t('column-engine'), width: 'minmax(8rem, 1fr)', cell: (row) => row.engine },
      {
        id: 'count',
        title: t('column-images'),
        width: '5.5rem',
        align: 'end',
        cell: (row) => count(row.storage?.images.count),
      },
      {
        id: 'bytes',
        title: t('column-size'),
        width: '7rem',
        align: 'end',
        cell: (row) => <Bytes value={row.storage?.images.bytes} />,
      },
      {
        id: 'reclaimable',
        title: t('column-reclaimable'),
        hint: t('column-reclaimable-hint'),
        width: '8rem',
        align: 'end',
        cell: (row) => <Bytes value={row.storage?.images.reclaimableBytes} />,
      },
      {
        id: 'build',
        title: t('column-build'),
        width: '7rem',
        align: 'end',
        cell: (row) => <Bytes value={row.storage?.buildCacheBytes} />,
      },
    ],
    [t, count],
  );
  if (engines.length === 0) return null;
  return (
    <Section title={t('this-computer')}>
      <DataTable label={t('this-computer')} columns={columns} rows={rows} rowKey={rowKey} maxHeight={14} />
      {rows.map(({ id, problem }) => problem && <ProblemCard key={id} problem={problem} mild />)}
    </Section>
  );
}

const rowKey = (row: EngineRow): string => row.id;
