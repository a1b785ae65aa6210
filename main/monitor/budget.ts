/**
 * What one upstream is asked at most from one place, this computer or a node: 120 questions an hour, and 60 more at once for a person who
 * looks again and again. A question is one HEAD, at times with the token it needs. At its usual pace the watch asks 60 an hour, at the
 * fastest 120.
 */
export const questionsAnHour = 120;
export const questionsAtOnce = 60;

const refillMs = 3_600_000 / questionsAnHour;

interface Purse {
  left: number;
  at: number;
}

/** Keeps {@link questionsAnHour} for each key. A clock that is set back gives nothing and takes nothing. */
export class Budget {
  readonly #purses = new Map<string, Purse>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether one more question may be asked now; it counts as asked then. */
  take(key: string): boolean {
    const now = this.#now();
    const held = this.#purses.get(key) ?? { left: questionsAtOnce, at: now };
    const left = Math.min(questionsAtOnce, held.left + Math.max(0, now - held.at) / refillMs);
    const may = left >= 1;
    this.#purses.set(key, { left: may ? left - 1 : left, at: now });
    return may;
  }
}
