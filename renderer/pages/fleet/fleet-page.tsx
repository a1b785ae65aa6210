import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { memo, useDeferredValue, useMemo, useState } from 'react';
import { useConnectionState, useCore, useSnapshot } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Icon } from '../../parts/icons.tsx';
import { useNow } from '../../parts/now.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { byNumber, byText } from '../../parts/table-model.ts';
import { SkeletonRows } from '../../parts/waiting.tsx';
import { formatPlace, type NodePart } from '../../place/place.ts';
import { go } from '../../place/use-place.ts';
import { type Command, useCommands } from '../../shell/commands.ts';
import { useWords } from '../../words/words.ts';
import {
  AddedCells,
  CacheCell,
  DirectCell,
  DownCells,
  MirrorCell,
  NameCell,
  PullCell,
  StateCell,
  UsedByCell,
} from './fleet-cells.tsx';
import { byState, createRows, type FleetRow, shortUpstream, upstreamsOf } from './fleet-row.ts';
import { FirstNode } from './first-node.tsx';

/** The fleet at a glance: every node and every mirror in one table. */
export function FleetPage() {
  const t = useWords('fleet');
  const core = useCore();
  // What changes with every figure is the table's own affair.
  const nodes = useSnapshot((snapshot) => snapshot.nodes.length);
  const refresh = useMutation({ mutationFn: () => core.live.refresh() });
  useFleetCommands(() => refresh.mutate());
  return (
    <Page
      title={t('title')}
      fill
      actions={
        <>
          {nodes !== undefined && nodes > 0 && (
            <Button leftSection={<Icon name="refresh" />} loading={refresh.isPending} onClick={() => refresh.mutate()}>
              {t('test-again')}
            </Button>
          )}
          <Button component="a" variant="filled" href={formatPlace({ page: 'add' })} leftSection={<Icon name="plus" />}>
            {t('add-node')}
          </Button>
        </>
      }
    >
      {refresh.isError && <ProblemCard problem={problemOf(refresh.error)} />}
      {nodes === undefined ? <SkeletonRows rows={6} height={36} /> : nodes === 0 ? <FirstNode /> : <FleetTable />}
    </Page>
  );
}

const none: readonly never[] = [];

function FleetTable() {
  const t = useWords('fleet');
  const nodes = useSnapshot((snapshot) => snapshot.nodes) ?? none;
  const runtimes = useSnapshot((snapshot) => snapshot.runtimes) ?? none;
  const connected = useConnectionState() === 'open';
  const now = useNow(5000);
  const [rowsOf] = useState(createRows);
  const rows = useMemo(() => rowsOf(nodes, runtimes, { connected, now }), [rowsOf, nodes, runtimes, connected, now]);
  // The columns change with the set of upstreams only, not with every figure.
  const upstreams = useMemo(() => upstreamsOf(nodes).join(' '), [nodes]);
  const columns = useFleetColumns(upstreams);
  return (
    <Table
      label={t('title')}
      columns={columns}
      // News waits for a moment in which nothing else is drawn: a table that is scrolled goes first.
      rows={useDeferredValue(rows)}
      rowKey={nameOf}
      rowHeight={36}
      onOpen={open}
      span={spanOf}
    />
  );
}

const Table = memo(DataTable) as typeof DataTable;

const nameOf = (row: FleetRow): string => row.node.name;
const open = (row: FleetRow): void => go({ page: 'node', node: row.node.name });

/** A node that is down or serves nothing yet has one thing to say instead of figures. */
function spanOf(row: FleetRow) {
  const over = { from: 'pull', to: 'cache' };
  const show = (part: NodePart) => (): void => go({ page: 'node', node: row.node.name, show: part });
  if (!row.node.applied) return { ...over, content: <AddedCells row={row} />, open: show('plan') };
  return row.node.state === 'down' ? { ...over, content: <DownCells row={row} />, open: show('diagnosis') } : undefined;
}

function useFleetColumns(upstreams: string): readonly Column<FleetRow>[] {
  const t = useWords('fleet');
  return useMemo(() => {
    const figures = { align: 'end' } as const;
    return [
      {
        id: 'node',
        title: t('node'),
        width: 'minmax(7.5rem, 1fr)',
        sticks: true,
        cell: (row) => <NameCell row={row} />,
        compare: byText(nameOf),
      },
      { id: 'state', title: t('state'), width: '7rem', cell: (row) => <StateCell row={row} />, compare: byState },
      {
        id: 'pull',
        title: t('pull'),
        hint: t('pull-method'),
        width: '5rem',
        fits: true,
        ...figures,
        cell: (row) => <PullCell row={row} />,
        compare: byNumber((row) => row.p50),
      },
      {
        id: 'direct',
        title: t('vs-direct'),
        hint: t('direct-method'),
        width: '8rem',
        cell: (row) => <DirectCell row={row} />,
        compare: byNumber((row) => row.times),
      },
      ...upstreams
        .split(' ')
        .filter(Boolean)
        .map(
          (upstream): Column<FleetRow> => ({
            id: `upstream ${upstream}`,
            title: shortUpstream(upstream),
            hint: upstream,
            width: '4.6rem',
            fits: true,
            cell: ({ mirrors }) => <MirrorCell shown={mirrors.get(upstream)} />,
            open: ({ node }) => {
              if (!node.applied || !node.mirrors.some((mirror) => mirror.upstream === upstream)) return false;
              go({ page: 'mirror', node: node.name, upstream });
              return true;
            },
          }),
        ),
      {
        id: 'cache',
        title: t('cache'),
        hint: t('cache-method'),
        width: '6.75rem',
        ...figures,
        cell: (row) => <CacheCell row={row} />,
        compare: byNumber((row) => row.node.disk?.cacheBytes),
      },
      { id: 'used-by', title: t('used-by'), width: 'minmax(8.5rem, 1fr)', cell: (row) => <UsedByCell row={row} /> },
    ];
  }, [t, upstreams]);
}

function useFleetCommands(refresh: () => void): void {
  const t = useWords('fleet');
  const shell = useWords('shell');
  useCommands(
    useMemo(
      (): readonly Command[] => [
        { id: 'refresh', title: t('test-again'), group: shell('palette-commands'), run: refresh },
      ],
      // The function does the same at every render.
      [t, shell],
    ),
  );
}
