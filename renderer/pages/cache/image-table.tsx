import { Button, Chip, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useCore } from '../../core/core-context.tsx';
import { problemOf } from '../../core/problems.ts';
import { DataTable, type Sort } from '../../parts/data-table.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useFigures } from '../../words/use-figures.ts';
import { useWords } from '../../words/words.ts';
import { imageColumns } from './image-columns.tsx';
import { pinOf } from './image-pins.ts';
import { type ImageRow, shownRows } from './image-row.ts';
import type { NodeChoice } from './image-selection.ts';
import styles from './image-table.module.css';
import { SelectionBar } from './selection-bar.tsx';
import type { Part } from './treemap.tsx';

const lastUsedFirst: Sort = { column: 'used', down: true };
const rowKey = (row: ImageRow): string => row.key;

/** Every cached image: searched, sorted, chosen for a prune, pinned. */
export function ImageTable({
  rows,
  pins,
  part,
  onPart,
  search,
  onSearch,
  manyNodes,
  onPrune,
}: {
  readonly rows: readonly ImageRow[];
  readonly pins: ReadonlyMap<string, readonly string[]>;
  readonly part: Part | undefined;
  readonly onPart: (part: Part | undefined) => void;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly manyNodes: boolean;
  readonly onPrune: (choices: readonly NodeChoice[]) => void;
}) {
  const t = useWords('cache');
  const { count } = useFigures();
  const [sort, setSort] = useState<Sort>(lastUsedFirst);
  const [pinnedOnly, setPinnedOnly] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { mutate: changePin, error: pinError } = useChangePin();
  const narrow = useMediaQuery('(max-width: 60rem)') === true;
  const looked = useDeferredValue(search);
  const shown = useMemo(
    () => shownRows(rows, { search: looked, pinnedOnly, upstream: part?.upstream, repositories: part?.repositories }),
    [rows, looked, pinnedOnly, part],
  );
  const pinOfRow = useCallback((row: ImageRow) => pinOf(row, pins.get(row.node) ?? []), [pins]);
  const columns = useMemo(
    () =>
      imageColumns(t, {
        manyNodes,
        narrow,
        pinOf: pinOfRow,
        onPin: (row) => {
          const pin = pinOfRow(row);
          changePin({ node: row.node, pin: pin.kind === 'none' ? row.name : pin.pin, on: pin.kind === 'none' });
        },
      }),
    [t, manyNodes, narrow, pinOfRow, changePin],
  );

  return (
    <Section title={t('images')}>
      <div className={styles.tools}>
        <TextInput
          className={styles.search}
          aria-label={t('search')}
          placeholder={t('search-placeholder')}
          leftSection={<Icon name="search" size={14} />}
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
        />
        <Chip size="xs" checked={pinnedOnly} onChange={setPinnedOnly}>
          {t('pinned-only')}
        </Chip>
        {part && (
          <Button size="compact-sm" rightSection={<Icon name="close" size={12} />} onClick={() => onPart(undefined)}>
            {partText(part, t('others', { count: part.repositories?.length ?? 0 }))}
          </Button>
        )}
        <span className={styles.count} role="status">
          {shown.length === rows.length
            ? t('image-count', { count: rows.length, number: count(rows.length) })
            : t('image-count-of', { shown: count(shown.length), all: count(rows.length) })}
        </span>
      </div>
      {pinError && <ProblemCard problem={problemOf(pinError)} />}
      <DataTable
        label={t('images')}
        columns={columns}
        rows={shown}
        rowKey={rowKey}
        selected={selected}
        onSelect={setSelected}
        sort={sort}
        onSort={setSort}
        maxHeight={32}
        empty={t('none-found')}
      />
      <SelectionBar
        rows={rows}
        shown={shown}
        selected={selected}
        onClear={() => setSelected(new Set())}
        onPrune={onPrune}
      />
    </Section>
  );
}

function partText(part: Part, others: string): string {
  if (part.repositories === undefined) return part.upstream;
  return `${part.upstream}/${part.repositories.length === 1 ? (part.repositories[0] ?? '') : others}`;
}

/** Pins or unpins; the answer has all pins of the node, and the list is asked for anew. */
function useChangePin() {
  const core = useCore();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ node, pin, on }: { node: string; pin: string; on: boolean }) =>
      on ? core.cache.pin({ node, pins: [pin] }) : core.cache.unpin({ node, pins: [pin] }),
    onSuccess: async (pins, { node }) => {
      queries.setQueryData(['cache', 'pins', node], pins);
      await queries.invalidateQueries({ queryKey: ['cache', 'list', node] });
    },
  });
}
