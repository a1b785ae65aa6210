import { useMemo, useState } from 'react';
import { useSnapshot } from '../../core/core-context.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { TaskProgress } from '../../parts/task-progress.tsx';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { type Listed, useCacheLists, useFreshCaches, usePins, usePrune } from './cache-queries.ts';
import styles from './cache-page.module.css';
import { GrowthChart } from './growth-chart.tsx';
import { imageRows } from './image-row.ts';
import { ImageTable } from './image-table.tsx';
import { Leftovers } from './leftovers.tsx';
import { NodeSummary } from './node-summary.tsx';
import { PruneByRule } from './prune-by-rule.tsx';
import { PruneEnds } from './prune-ends.tsx';
import { SchedulePanel } from './schedule-panel.tsx';
import { ScrubPanel } from './scrub-panel.tsx';
import { ThisComputer } from './this-computer.tsx';
import type { Part } from './treemap.tsx';
import { repositoryShares } from './treemap-layout.ts';
import { WhereBytes } from './where-bytes.tsx';

/** The page for the chosen nodes: one (`one`), or several at a time. */
export function CacheBody({
  nodes,
  one,
  search,
  onSearch,
  onNode,
  byRule,
  onByRule,
}: {
  readonly nodes: readonly string[];
  readonly one: string | undefined;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onNode: (node: string) => void;
  readonly byRule: boolean;
  readonly onByRule: (open: boolean) => void;
}) {
  const t = useWords('cache');
  useFreshCaches();
  const listed = useCacheLists(nodes);
  const pins = usePins(nodes);
  const lists = useSameEntries(listed.map((each) => each.list).filter((list) => list !== undefined));
  const rows = useMemo(() => imageRows(lists), [lists]);
  const shares = useMemo(() => repositoryShares(rows), [rows]);
  const [part, setPart] = useState<Part>();
  const prune = usePrune();
  const running = useSnapshot((snapshot) =>
    snapshot.tasks.filter((task) => task.state === 'running' && nodes.includes(task.subject)),
  );
  const waiting = listed.some((each) => each.loading);
  const nothing = !waiting && rows.length === 0 && lists.length > 0;

  return (
    <>
      <Sum listed={listed} rows={rows.length} />
      {running?.map((task) => (
        <TaskProgress key={task.id} task={task} steps={false} />
      ))}
      {prune.data && <PruneEnds ends={prune.data} onClose={() => prune.reset()} />}
      {listed.map(({ node, problem }) =>
        problem === undefined ? null : <ProblemCard key={node} problem={problem} mild={lists.length > 0} />,
      )}
      {waiting && rows.length === 0 && <SkeletonRows rows={12} />}
      {nothing && <EmptyState title={t('cold-title')}>{t('cold-what')}</EmptyState>}
      {rows.length > 0 && (
        <>
          <div className={styles.top}>
            <WhereBytes shares={shares} chosen={part} onChoose={setPart} />
            {one === undefined ? <NodeSummary onOpen={onNode} /> : <GrowthChart node={one} />}
          </div>
          <ImageTable
            rows={rows}
            pins={pins}
            part={part}
            onPart={setPart}
            search={search}
            onSearch={onSearch}
            manyNodes={one === undefined}
            onPrune={(choices) => prune.mutate(choices)}
          />
        </>
      )}
      <Leftovers lists={lists} onPrune={(choices) => prune.mutate(choices)} />
      {one !== undefined && lists.length > 0 && (
        <>
          <SchedulePanel node={one} />
          <ScrubPanel node={one} running={(running?.length ?? 0) > 0} />
        </>
      )}
      <ThisComputer />
      {byRule && (
        <PruneByRule nodes={nodes} onPrune={(choices) => prune.mutate(choices)} onClose={() => onByRule(false)} />
      )}
    </>
  );
}

/** The caches in one line. */
function Sum({ listed, rows }: { readonly listed: readonly Listed[]; readonly rows: number }) {
  const t = useWords('cache');
  const { bytes, count } = useFigures();
  const known = listed.flatMap((each) => (each.list === undefined ? [] : [each.list]));
  if (known.length === 0) return null;
  const size = bytes(known.reduce((sum, list) => sum + list.bytes, 0));
  return (
    <p className={styles.sum}>
      <strong>{size}</strong>
      <span>{t('image-count', { count: rows, number: count(rows) })}</span>
      {known.length < listed.length && (
        <span>{t('nodes-of', { known: count(known.length), all: count(listed.length) })}</span>
      )}
      <span>{t('shared-layers')}</span>
    </p>
  );
}

/** The same list as long as its entries are the same, so that 10,000 rows are made once and not at every news. */
function useSameEntries<T>(list: readonly T[]): readonly T[] {
  const [kept, setKept] = useState(list);
  if (kept === list || (kept.length === list.length && kept.every((each, index) => each === list[index]))) return kept;
  setKept(list);
  return list;
}
