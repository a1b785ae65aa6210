import { Checkbox, UnstyledButton } from '@mantine/core';
import { memo } from 'react';
import { useWords } from '../words/words.ts';
import { CellPlace } from './cell-place.ts';
import styles from './data-table.module.css';
import { Hint } from './hint.tsx';
import { type Column, headRow, nextSort, type Sort } from './table-model.ts';

function Header<Row>({
  columns,
  template,
  sort,
  onSort,
  id,
  activeColumn,
  reached,
  all,
  some,
  onAll,
}: {
  readonly columns: readonly Column<Row>[];
  readonly template: string;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort) => void;
  readonly id: string;
  readonly activeColumn: number | undefined;
  /** The active header was reached by the arrow keys. */
  readonly reached: boolean;
  readonly all?: boolean;
  readonly some?: boolean;
  readonly onAll?: () => void;
}) {
  const t = useWords('shell');
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={styles.row} style={{ gridTemplateColumns: template }}>
        {onAll && (
          <div role="columnheader" className={styles.cell}>
            <Checkbox
              tabIndex={-1}
              aria-label={t('select-all')}
              checked={all ?? false}
              indeterminate={!all && some === true}
              onChange={onAll}
            />
          </div>
        )}
        {columns.map((column, at) => {
          const { hint } = column;
          const active = at === activeColumn;
          const sorted = sort?.column === column.id ? (sort.down ? 'descending' : 'ascending') : 'none';
          const title = (
            <span className={styles.title}>
              {column.title}
              {sorted !== 'none' && <span aria-hidden="true">{sorted === 'ascending' ? ' ↑' : ' ↓'}</span>}
            </span>
          );
          const shown = column.compare ? (
            <UnstyledButton tabIndex={-1} className={styles.sorter} onClick={() => onSort(nextSort(sort, column.id))}>
              {title}
            </UnstyledButton>
          ) : (
            title
          );
          return (
            <div
              key={column.id}
              role="columnheader"
              id={active ? `${id}-${headRow}-${at}` : undefined}
              aria-sort={column.compare ? sorted : undefined}
              className={styles.cell}
              data-align={column.align}
              data-sticks={column.sticks || undefined}
              data-active={active || undefined}
            >
              <CellPlace value={active && reached ? 'reached' : 'idle'}>
                {hint === undefined ? shown : <Hint hint={() => hint}>{shown}</Hint>}
              </CellPlace>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The header of a DataTable: stays in place, sorts by click; drawn again only when something of its own changed, not while rows pass by. */
export const DataHeader = memo(Header) as typeof Header;
