import type { Lab } from '../lab/lab.ts';

/**
 * One figure: ours and the other's in `unit`, medians of the raw rounds beside them. `ratio` is the median of ours ÷ other round by round, so
 * that a machine that slows down slows both. The ratio (or, without another, our own value) is good enough at `goal` or below it, or above
 * it where `direction` says so. Without a goal a figure is there to explain another.
 */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly other: number | null;
  readonly ratio: number | null;
  readonly goal: number | null;
  readonly direction: 'at most' | 'at least';
  readonly met: boolean | null;
  readonly raw: { readonly ours: readonly number[]; readonly other: readonly number[] };
}

/** Takes some figures in a running lab, and leaves its machines as it found them. */
export type Measure = (lab: Lab) => Promise<readonly Figure[]>;

/** What was measured in one or more rounds; `other` in the same rounds. */
interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly other?: readonly number[];
  readonly goal?: number;
  readonly direction?: Figure['direction'];
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
};
const rounded = (value: number): number => Number(value.toPrecision(4));

/** The figure of what was measured. A round that gave no number makes a figure that is not met. */
export function figure({ name, unit, ours, other = [], goal, direction = 'at most' }: Measured): Figure {
  const ratios = ours.flatMap((value, at) => (other[at] === undefined ? [] : [value / other[at]]));
  const ratio = ratios.length === 0 ? null : rounded(median(ratios));
  const mine = rounded(median(ours));
  const judged = ratio ?? mine;
  return {
    name,
    unit,
    ours: mine,
    other: other.length === 0 ? null : rounded(median(other)),
    ratio,
    goal: goal ?? null,
    direction,
    met: goal === undefined ? null : direction === 'at most' ? judged <= goal : judged >= goal,
    raw: { ours: ours.map(rounded), other: other.map(rounded) },
  };
}

/** How long something takes, in ms. */
export async function timed(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** One line for a person. */
export function figureLine({ name, unit, ours, other, ratio, goal, direction, met, raw }: Figure): string {
  const mark = met === null ? '·' : met ? '✓' : '✕';
  const beside = other === null ? '' : ` ÷ ${other} = ${ratio}`;
  const wanted = goal === null ? '' : ` (goal: ${direction} ${goal})`;
  return `${mark} ${name}: ${ours} ${unit}${beside}${wanted}  raw ${JSON.stringify(raw)}`;
}
