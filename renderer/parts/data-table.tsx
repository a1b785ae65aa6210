import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import styles from './data-table.module.css';
import { DataRow } from './data-row.tsx';
import { DataHeader } from './data-header.tsx';
import {
  type Column,
  covered,
  headRow,
  landed,
  nextCell,
  nextSort,
  type Sort,
  sortRows,
  type Span,
  tracks,
} from './table-model.ts';

export type { Column, Sort } from './table-model.ts';

interface DataTableProps<Row> {
  /** What the table is, for those who listen. */
  readonly label: string;
  /** Keep the same list between renders (useMemo): rows are drawn anew when it changes. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Enter or click on a row; a column's own `open` goes before it. */
  readonly onOpen?: (row: Row) => void;
  /** Keys of the selected rows; with it rows can be selected by Space, click on the box, and Ctrl/⌘ A. */
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (selected: ReadonlySet<string>) => void;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** Height of a row in px at normal text size. */
  readonly rowHeight?: number;
  /** Shown below the header when there is no row. */
  readonly empty?: React.ReactNode;
  /** At most this high in rem, then it scrolls in itself; without it the table fills its parent. */
  readonly maxHeight?: number;
  /** Cells of a row that are one over several columns (a row that has only one thing to say). */
  readonly span?: (row: Row) => Span | undefined;
}

/**
 * A table of any length: only what is seen is drawn. An ARIA grid with one stop of the Tab key: arrows, Home, End, Page Up and Down move,
 * Enter opens, Space selects, Ctrl/⌘ A selects all. On a header Enter and Space sort.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, selected, onSelect, rowHeight = 34, empty, maxHeight, span } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [ownSort, setOwnSort] = useState<Sort | undefined>();
  const sort = props.sort ?? ownSort;
  const onSort = props.onSort ?? setOwnSort;
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [reached, setReached] = useState(false);
  const point = useCallback((cell: { row: number; column: number }) => {
    setActive(cell);
    setReached(false);
  }, []);
  const height = rowHeight * useTextScale();
  // The virtualiser hands out functions that change in place; nothing here relies on memoised copies of them.
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    // Rows that come into sight are drawn between two frames and not within one: the eight beyond either edge hide that.
    overscan: 8,
    useFlushSync: false,
    getItemKey: (index) => {
      const row = sorted[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const template = useMemo(() => tracks(columns, onSelect !== undefined), [columns, onSelect]);
  const rowAt = Math.min(active.row, Math.max(0, sorted.length - 1));

  const toggle = useCallback(
    (row: Row) => {
      if (!selected || !onSelect) return;
      const next = new Set(selected);
      if (!next.delete(rowKey(row))) next.add(rowKey(row));
      onSelect(next);
    },
    [selected, onSelect, rowKey],
  );
  const toggleAll = useCallback(() => {
    if (!selected || !onSelect) return;
    onSelect(sorted.every((row) => selected.has(rowKey(row))) ? new Set() : new Set(sorted.map(rowKey)));
  }, [selected, onSelect, sorted, rowKey]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    // Keys in a button or link of a cell are that control's own.
    if (event.target !== event.currentTarget) return;
    const row = sorted[rowAt];
    if ((event.ctrlKey || event.metaKey) && event.key === 'a' && onSelect) {
      event.preventDefault();
      toggleAll();
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2);
    const next = nextCell(
      event.key,
      { row: rowAt, column: active.column },
      { rows: sorted.length, columns: columns.length, page },
    );
    const over = covered(columns, row === undefined ? undefined : span?.(row));
    if (next) {
      event.preventDefault();
      setActive({ row: next.row, column: landed(next.column, active.column, over, columns.length) });
      setReached(true);
      if (next.row !== headRow) virtual.scrollToIndex(next.row);
    } else if (rowAt === headRow && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      const column = columns[active.column];
      if (column?.compare) onSort(nextSort(sort, column.id));
    } else if (event.key === 'Enter' && row !== undefined) {
      const whole = over && active.column >= over.first && active.column <= over.last ? span?.(row) : undefined;
      if (whole?.open) whole.open();
      else if (columns[active.column]?.open?.(row) !== true) onOpen?.(row);
    } else if (event.key === ' ' && row !== undefined && onSelect) {
      event.preventDefault();
      toggle(row);
    }
  }

  const activeRow = sorted[rowAt];
  const activeSpan = covered(columns, activeRow === undefined ? undefined : span?.(activeRow));
  const activeCell =
    activeSpan && active.column >= activeSpan.first && active.column <= activeSpan.last
      ? activeSpan.first
      : active.column;
  return (
    <div className={styles.frame} data-fill={maxHeight === undefined || undefined}>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        aria-colcount={columns.length + (onSelect ? 1 : 0)}
        aria-multiselectable={onSelect ? true : undefined}
        aria-activedescendant={
          activeRow === undefined && rowAt !== headRow ? undefined : `${id}-${rowAt}-${activeCell}`
        }
        className={styles.grid}
        style={maxHeight === undefined ? undefined : { maxHeight: `${maxHeight}rem` }}
        onKeyDown={onKeyDown}
        onBlur={() => setReached(false)}
      >
        <div role="presentation" className={styles.sheet}>
          <DataHeader
            columns={columns}
            template={template}
            sort={sort}
            onSort={onSort}
            id={id}
            activeColumn={rowAt === headRow ? active.column : undefined}
            reached={rowAt === headRow && reached}
            {...(onSelect &&
              selected && {
                all: sorted.length > 0 && sorted.every((row) => selected.has(rowKey(row))),
                some: selected.size > 0,
                onAll: toggleAll,
              })}
          />
          <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = sorted[item.index];
              return row === undefined ? null : (
                <DataRow
                  key={item.key}
                  row={row}
                  index={item.index}
                  id={id}
                  top={item.start}
                  height={height}
                  template={template}
                  columns={columns}
                  activeColumn={item.index === rowAt ? active.column : undefined}
                  selected={selected ? selected.has(rowKey(row)) : undefined}
                  onToggle={onSelect ? toggle : undefined}
                  reached={item.index === rowAt && reached}
                  onActive={point}
                  onOpen={onOpen}
                  span={span}
                />
              );
            })}
          </div>
        </div>
      </div>
      {sorted.length === 0 && empty !== undefined && <div className={styles.empty}>{empty}</div>}
    </div>
  );
}

/** How much larger than normal the reader's text is; rows grow with it. */
function useTextScale(): number {
  const [scale, setScale] = useState(() => textScale());
  useEffect(() => {
    const look = (): void => setScale(textScale());
    window.addEventListener('resize', look);
    return () => window.removeEventListener('resize', look);
  }, []);
  return scale;
}

const textScale = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
