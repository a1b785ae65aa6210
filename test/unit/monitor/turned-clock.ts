import type { Clock } from '../../../main/monitor/schedule.ts';

/** A clock that a test turns by hand; it stands at 0. */
export class TurnedClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.length;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** The computer sleeps (or its clock is set back): time goes on, timers stand still. */
  sleep(ms: number): void {
    this.#now += ms;
    this.#timers = this.#timers.map(({ at, callback }) => ({ at: at + ms, callback }));
  }

  /** When the next timer rings; undefined where none is set. */
  next(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at));
  }

  /** Turns it on, ringing each timer at its time, and lets what that began go as far as it can. */
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let at = this.next(); at !== undefined && at <= end; at = this.next()) {
      this.#now = at;
      const due = this.#timers.filter((each) => each.at === at);
      this.#timers = this.#timers.filter((each) => each.at !== at);
      for (const { callback } of due) callback();
      await settled();
    }
    this.#now = end;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
