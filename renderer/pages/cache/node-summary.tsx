import { useMemo } from 'react';
import { useSnapshot } from '../../core/core-context.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Bytes } from '../../parts/figure.tsx';
import { Section } from '../../parts/page.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { byNumber, byText } from '../../parts/table-model.ts';
import { useWords } from '../../words/words.ts';
import type { NodeView } from '../../../preload/contract/status.ts';

const rowKey = (node: NodeView): string => node.name;

/** All nodes with their caches and disks; opening one shows its growth, its schedule and its damage check. */
export function NodeSummary({ onOpen }: { readonly onOpen: (node: string) => void }) {
  const t = useWords('cache');
  const nodes = useSnapshot((snapshot) => snapshot.nodes.filter((node) => node.applied)) ?? [];
  const columns = useMemo(
    (): readonly Column<NodeView>[] => [
      {
        id: 'node',
        title: t('column-node'),
        width: 'minmax(8rem, 1fr)',
        cell: (node) => (
          <>
            <StateMark state={node.state} bare />
            {node.name}
          </>
        ),
        compare: byText((node) => node.name),
      },
      {
        id: 'cache',
        title: t('column-cache'),
        width: '6rem',
        align: 'end',
        cell: (node) => <Bytes value={node.disk?.cacheBytes} />,
        compare: byNumber((node) => node.disk?.cacheBytes),
      },
      {
        id: 'free',
        title: t('column-free'),
        width: '7.5rem',
        align: 'end',
        cell: (node) => <Bytes value={node.disk?.freeBytes} />,
        compare: byNumber((node) => node.disk?.freeBytes),
      },
    ],
    [t],
  );
  return (
    <Section title={t('nodes')}>
      <DataTable
        label={t('nodes')}
        columns={columns}
        rows={nodes}
        rowKey={rowKey}
        onOpen={(node) => onOpen(node.name)}
        maxHeight={14}
      />
    </Section>
  );
}
