import type { Forecast } from '../../preload/contract/status.ts';

/** A disk as it was measured at `at` (ms since 1970). */
export interface DiskPoint {
  readonly at: number;
  readonly freeBytes: number;
  readonly freeInodes: number;
}

const dayMs = 86_400_000;
/** How far back a forecast looks, in ms: a week holds working days and days off. */
export const forecastRangeMs = 7 * dayMs;
/** Less than this (days) says nothing about a day. */
const leastDays = 0.25;
/** Further away than this (days) nobody plans, and the line is too long for its measurements. */
const furthestDays = 3650;

/**
 * When a disk is full if it goes on as in the last days: the straight line through all measurements with the least squares of distance, so
 * that a prune within the days counts as what it is, room that was made. Undefined where too little time was measured. Pure.
 */
export function forecastOf(points: readonly DiskPoint[]): Forecast | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  const measuredDays = (last.at - first.at) / dayMs;
  if (measuredDays < leastDays) return undefined;
  const bytesPerDay = -slope(points.map(({ at, freeBytes }) => [(at - first.at) / dayMs, freeBytes]));
  const inodesPerDay = -slope(points.map(({ at, freeInodes }) => [(at - first.at) / dayMs, freeInodes]));
  const fullInDays = daysLeft(last.freeBytes, bytesPerDay);
  // File systems without a fixed number of inodes report none free and lose none.
  const inodesFullInDays = daysLeft(last.freeInodes, inodesPerDay);
  return {
    bytesPerDay: Math.round(bytesPerDay),
    ...(fullInDays !== undefined && { fullInDays }),
    ...(inodesFullInDays !== undefined && { inodesFullInDays }),
    measuredDays,
  };
}

/** The slope of the line through points [x, y] with the least squares; not all may stand above one x. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  let [above, below] = [0, 0];
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return above / below;
}

function daysLeft(free: number, perDay: number): number | undefined {
  if (perDay <= 0) return undefined;
  const days = free / perDay;
  return days > furthestDays ? undefined : days;
}
