/** The box a sparkline is drawn in, in its own units; it is stretched to the size on the page. */
export const sparkBox = { width: 60, height: 16, margin: 2 } as const;

export interface Spark {
  /** SVG path of the measured stretches; a gap in the values is a gap in the line. */
  readonly line: string;
  /** Where something failed, as x positions on the ground line. */
  readonly failed: readonly number[];
}

/** The path of values oldest first; null is a failure. The scale begins at 0, so that two lines can be compared by eye. Pure. */
export function sparkPath(
  values: readonly (number | null)[],
  top = Math.max(1, ...values.map((value) => value ?? 0)),
): Spark {
  const { width, height, margin } = sparkBox;
  const step = values.length > 1 ? (width - 2 * margin) / (values.length - 1) : 0;
  const failed: number[] = [];
  let line = '';
  let drawing = false;
  for (const [index, value] of values.entries()) {
    const x = round(margin + index * step);
    if (value === null) {
      failed.push(x);
      drawing = false;
      continue;
    }
    const y = round(height - margin - (Math.min(value, top) / top) * (height - 2 * margin));
    // A lone value between two failures is a dot: a line of no length with round ends.
    line += drawing ? `L${x} ${y}` : `M${x} ${y}L${x} ${y}`;
    drawing = true;
  }
  return { line, failed };
}

const round = (value: number): number => Math.round(value * 10) / 10;
