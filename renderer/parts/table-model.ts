import type { ReactNode } from 'react';

/** One column. `width` is a CSS grid track in rem (`7rem`, `minmax(10rem, 1fr)`), fixed so that numbers move and the layout does not. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly width: string;
  /** Figures stand at the end. */
  readonly align?: 'end';
  /** What it shows is never wider than the column, so nothing need be cut off. For columns of many cells. */
  readonly fits?: boolean;
  /** Stays in sight when the table is scrolled sideways; for the first column. */
  readonly sticks?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** Orders rows upwards by this column; without it the column cannot be sorted. */
  readonly compare?: (a: Row, b: Row) => number;
  /** What the figures of the column are and how they were measured: on hover, and when the arrow keys reach the header. */
  readonly hint?: string;
  /** Enter or click on a cell of this column; true when it did something. */
  readonly open?: (row: Row) => boolean;
}

export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

/** The rows in order; rows that are equal keep their places. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | undefined,
): readonly Row[] {
  const compare = columns.find((column) => column.id === sort?.column)?.compare;
  if (!sort || !compare) return rows;
  return rows.toSorted((a, b) => (sort.down ? -compare(a, b) : compare(a, b)));
}

/** Compares figures, those that are not there always last whichever way round is asked for (`down` is the order's own). */
export function byNumber<Row>(figure: (row: Row) => number | undefined): (a: Row, b: Row) => number {
  return (a, b) => (figure(a) ?? Number.POSITIVE_INFINITY) - (figure(b) ?? Number.POSITIVE_INFINITY) || 0;
}

export function byText<Row>(text: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => text(a).localeCompare(text(b), undefined, { numeric: true });
}

/** The sort after a click on a header: upwards, then downwards. */
export function nextSort(sort: Sort | undefined, column: string): Sort {
  return { column, down: sort?.column === column ? !sort.down : false };
}

/** The columns as one CSS grid template, with the box for selecting in front. */
export function tracks(columns: readonly { readonly width: string }[], selecting: boolean): string {
  return [...(selecting ? ['2.25rem'] : []), ...columns.map((column) => column.width)].join(' ');
}

/** Cells of a row that are one over several columns (a row that has only one thing to say), and what Enter or a click on it does. */
export interface Span {
  readonly from: string;
  readonly to: string;
  readonly content: ReactNode;
  readonly open?: () => void;
}

/** The columns a span covers, first and last; none where there is no span. */
export function covered(
  columns: readonly { readonly id: string }[],
  span: Pick<Span, 'from' | 'to'> | undefined,
): { readonly first: number; readonly last: number } | undefined {
  if (!span) return undefined;
  const at = (id: string): number => columns.findIndex((column) => column.id === id);
  return { first: at(span.from), last: at(span.to) };
}

/** The cell that is really there: one column of a span stands for all, and from inside it a step leads out of it. */
export function landed(
  wanted: number,
  from: number,
  span: { readonly first: number; readonly last: number } | undefined,
  columns: number,
): number {
  if (!span || wanted < span.first || wanted > span.last) return wanted;
  const inside = from >= span.first && from <= span.last;
  if (inside && wanted > from) return Math.min(columns - 1, span.last + 1);
  if (inside && wanted < from) return Math.max(0, span.first - 1);
  return wanted;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The row of the headers, above the first one. */
export const headRow = -1;

/** The cell that a key leads to, or undefined for a key that does not move. One step up from the first row are the headers. */
export function nextCell(
  key: string,
  at: Cell,
  size: { readonly rows: number; readonly columns: number; readonly page: number },
): Cell | undefined {
  const row = (wanted: number): Cell => ({ ...at, row: Math.max(0, Math.min(size.rows - 1, wanted)) });
  const column = (wanted: number): Cell => ({ ...at, column: Math.max(0, Math.min(size.columns - 1, wanted)) });
  switch (key) {
    case 'ArrowDown':
      return row(at.row + 1);
    case 'ArrowUp':
      return at.row <= 0 ? { ...at, row: headRow } : row(at.row - 1);
    case 'ArrowRight':
      return column(at.column + 1);
    case 'ArrowLeft':
      return column(at.column - 1);
    case 'PageDown':
      return row(at.row + size.page);
    case 'PageUp':
      return row(at.row - size.page);
    case 'Home':
      return row(0);
    case 'End':
      return row(size.rows - 1);
    default:
      return undefined;
  }
}
