import { type Crash, type Moment, crashes } from './node-crash.ts';

/** What is crashed, and when. */
export interface Trial {
  readonly kind: Crash;
  readonly moment: Moment;
}

/** Anything at any time of something of so many steps: within a second of the end of any step. */
export function anyTrial(steps: number, chance: () => number): Trial {
  const moment = { done: Math.floor(chance() * steps), ms: chance() * 1000 };
  return { kind: crashes[Math.floor(chance() * crashes.length)] ?? 'core', moment };
}

/** Everything at every step, in an order by chance: a run that is broken off has tried some of all. */
export function everyTrial(steps: number, chance: () => number): Trial[] {
  return Array.from({ length: steps + 1 }, (_, done) => crashes.map((kind) => ({ kind, moment: { done, ms: 0 } })))
    .flat()
    .map((trial) => ({ trial, at: chance() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ trial }) => trial);
}

export const trialText = ({ kind, moment: { done, ms } }: Trial): string =>
  `${kind}, ${Math.round(ms)} ms after ${done} steps`;
