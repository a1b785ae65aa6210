/** A column: its heading and whether its cells are figures (then to the right). */
export interface Column {
  readonly heading: string;
  readonly figures?: boolean;
}

/** Columns a character takes on a terminal: two for East Asian wide ones. */
function width(text: string): number {
  let columns = 0;
  for (const character of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1;
  return columns;
}

/** Rows of cells as aligned lines, headings first, two spaces between columns, nothing after the last. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ''))));
  return all.map((row) =>
    columns
      .map((column, index) => {
        const cell = row[index] ?? '';
        const gap = ' '.repeat((widths[index] ?? 0) - width(cell));
        return column.figures === true ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
