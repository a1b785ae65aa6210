import { Checkbox } from '@mantine/core';
import { memo, type MouseEvent } from 'react';
import { useWords } from '../words/words.ts';
import { CellPlace } from './cell-place.ts';
import styles from './data-table.module.css';
import { type Column, covered, type Span } from './table-model.ts';

interface DataRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly id: string;
  readonly top: number;
  readonly height: number;
  readonly template: string;
  readonly columns: readonly Column<Row>[];
  readonly activeColumn: number | undefined;
  /** The active cell was reached by the arrow keys. */
  readonly reached: boolean;
  readonly selected: boolean | undefined;
  readonly onToggle: ((row: Row) => void) | undefined;
  readonly onActive: (cell: { row: number; column: number }) => void;
  readonly onOpen: ((row: Row) => void) | undefined;
  readonly span: ((row: Row) => Span | undefined) | undefined;
}

function Row<Row>(props: DataRowProps<Row>) {
  const { row, index, id, top, height, template, columns, activeColumn, selected, onToggle, onActive, onOpen } = props;
  const t = useWords('shell');
  const span = props.span?.(row);
  const { first, last } = covered(columns, span) ?? { first: -1, last: -1 };

  const shown = [...columns.keys()].filter((at) => first < 0 || at <= first || at > last);

  /** One for the row: a table draws hundreds of cells. */
  function onClick(event: MouseEvent<HTMLElement>): void {
    if (!(event.target instanceof Element) || event.target.closest('a, button, input, label')) return;
    const cell = event.target.closest('[role="gridcell"]');
    const at = shown[[...event.currentTarget.children].findIndex((each) => each === cell) - (onToggle ? 1 : 0)];
    if (at === undefined) return;
    onActive({ row: index, column: at });
    if (at === first && span?.open) span.open();
    else if (columns[at]?.open?.(row) !== true) onOpen?.(row);
  }

  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={styles.row}
      data-opens={onOpen !== undefined || undefined}
      data-active={activeColumn !== undefined || undefined}
      // The grid itself has the focus and the keys; a click on a cell is the same for a hand on the mouse.
      onClick={onClick}
      style={{
        gridTemplateColumns: template,
        height,
        top,
      }}
    >
      {onToggle && (
        <div role="gridcell" className={styles.cell}>
          <Checkbox
            tabIndex={-1}
            aria-label={t('select-row')}
            checked={selected ?? false}
            onChange={() => onToggle(row)}
          />
        </div>
      )}
      {shown.map((at) => {
        const column = columns[at];
        if (!column) return null;
        const whole = at === first;
        const active = whole
          ? activeColumn !== undefined && activeColumn >= first && activeColumn <= last
          : activeColumn === at;
        return (
          <div
            key={column.id}
            role="gridcell"
            id={active ? `${id}-${index}-${at}` : undefined}
            className={column.fits && !whole ? styles.fits : styles.cell}
            data-align={whole ? undefined : column.align}
            data-sticks={column.sticks || undefined}
            data-active={active || undefined}
            aria-colspan={whole ? last - first + 1 : undefined}
            style={whole ? { gridColumn: `span ${last - first + 1}` } : undefined}
          >
            <CellPlace value={active && props.reached ? 'reached' : 'idle'}>
              {whole ? span?.content : column.cell(row)}
            </CellPlace>
          </div>
        );
      })}
    </div>
  );
}

/** One row of a DataTable, drawn again only when something of its own changed. */
export const DataRow = memo(Row) as typeof Row;
