import type { Clock } from './schedule.ts';

/** Milliseconds between two batches: at most 4 updates a second reach the doors. */
const batchMs = 250;

/**
 * Gathers the newest value of each key and hands them on at most four times a second: the first at once, later ones together.
 */
export class Batch<T> {
  readonly #clock: Clock;
  readonly #publish: (values: readonly T[]) => void;
  readonly #waiting = new Map<string, T>();
  #cancelTimer: (() => void) | undefined;
  #last = -Infinity;

  constructor(clock: Clock, publish: (values: readonly T[]) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  put(key: string, value: T): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, value);
    if (this.#cancelTimer) return;
    // Never longer, also when the clock was set back.
    const wait = Math.min(batchMs, this.#last + batchMs - this.#clock.now());
    if (wait <= 0) this.flush();
    else this.#cancelTimer = this.#clock.after(wait, () => this.flush());
  }

  /** Drops what waits under a key. */
  drop(key: string): void {
    this.#waiting.delete(key);
  }

  /** Hands on now what waits. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiting.size === 0) return;
    const values = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#last = this.#clock.now();
    this.#publish(values);
  }
}
