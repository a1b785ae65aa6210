import type { Growth } from '../../../preload/contract/history.ts';

type Point = Growth['points'][number];

/** A drawing of growth in a box of px: one stretch of line for each time without a gap. */
export interface GrowthPath {
  readonly lines: readonly string[];
  readonly areas: readonly string[];
  /** Times in which nothing was measured, as x and width. */
  readonly gaps: readonly { readonly x: number; readonly width: number }[];
  readonly topBytes: number;
  readonly x: (at: number) => number;
  readonly y: (bytes: number) => number;
}

/** A distance between two points of more than this many usual ones is a gap: nothing was measured then, so nothing is drawn. */
const gapFactor = 3;

/** The cache's size over the given time. A stretch of one point is a dot (a line of no length with round ends). */
export function growthPath(
  points: readonly Point[],
  from: number,
  to: number,
  width: number,
  height: number,
): GrowthPath {
  const inside = points.filter((point) => point.at >= from && point.at <= to).toSorted((a, b) => a.at - b.at);
  const topBytes = niceTop(Math.max(0, ...inside.map((point) => point.cacheBytes)));
  const x = (at: number): number => round(((at - from) / Math.max(1, to - from)) * width);
  const y = (bytes: number): number => round(height - (bytes / topBytes) * height);
  const stretches = stretchesOf(inside);
  const line = (stretch: readonly Point[]): string =>
    stretch.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point.at)} ${y(point.cacheBytes)}`).join('') +
    (stretch.length === 1 ? 'h0' : '');
  return {
    lines: stretches.map(line),
    areas: stretches
      .filter((stretch) => stretch.length > 1)
      .map((stretch) => `${line(stretch)}V${height}H${x(stretch[0]?.at ?? from)}Z`),
    gaps: stretches.slice(1).map((stretch, index) => {
      const start = x(stretches[index]?.at(-1)?.at ?? from);
      return { x: start, width: round(x(stretch[0]?.at ?? to) - start) };
    }),
    topBytes,
    x,
    y,
  };
}

function stretchesOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const steps = points.slice(1).map((point, index) => point.at - (points[index]?.at ?? 0));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
  const stretches: Point[][] = [];
  for (const point of points) {
    const last = stretches.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || point.at - before.at > usual * gapFactor) stretches.push([point]);
    else last.push(point);
  }
  return stretches;
}

/** The next of 1, 2, 5 × 10ⁿ: an axis that people read. */
function niceTop(bytes: number): number {
  if (bytes <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(bytes));
  return ([1, 2, 5, 10].find((step) => step * power >= bytes) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
