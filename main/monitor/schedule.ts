/** Time as the schedule sees it, so that tests can turn it. `after` calls back once; the returned function prevents that. */
export interface Clock {
  now(): number;
  after(ms: number, callback: () => void): () => void;
}

/** The computer's own clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** How a round ended: `failed` rounds make the next ones rarer. */
export type RoundOutcome = 'ok' | 'failed';

export interface ScheduleOptions {
  readonly clock: Clock;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly intervalMs: number;
  /** One round of one name. Anything it throws counts as `failed` and goes to `onError`. */
  readonly round: (name: string, signal: AbortSignal) => Promise<RoundOutcome>;
  readonly onError: (name: string, error: unknown) => void;
}

/** However long something is down, it is asked again this often, in ms. */
const longestDelayMs = 5 * 60_000;
/** Rounds are spread by this part of their delay, so that a fleet is not asked in one burst. */
const jitter = 0.1;

/** The delay after so many failed rounds in a row: doubled from the second on, at most five minutes (or the interval, if that is longer). */
export function backedOff(intervalMs: number, failures: number): number {
  const factor = 2 ** Math.min(Math.max(failures - 1, 0), 16);
  return Math.max(intervalMs, Math.min(intervalMs * factor, longestDelayMs));
}

/** Whether it is time; a time further away than `intervalMs` was noted before the clock was set back. */
export function isDue(now: number, dueAt: number, intervalMs: number): boolean {
  return now >= dueAt || dueAt - now > intervalMs;
}

interface Entry {
  failures: number;
  cancelTimer: () => void;
  running: Promise<void> | undefined;
  /** The round that runs began before a wake: the next one follows within so many ms. */
  againWithinMs: number | undefined;
  readonly abort: AbortController;
}

/**
 * Runs rounds of several names for ever, each on its own timer: a name that hangs delays no other. Rounds of one name never overlap.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #entries = new Map<string, Entry>();
  #intervalMs: number;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
  }

  /** Keeps exactly these names: new ones begin at once, those that are gone are aborted. */
  keep(names: Iterable<string>): void {
    const wanted = new Set(names);
    for (const [name, entry] of this.#entries) {
      if (wanted.has(name)) continue;
      this.#entries.delete(name);
      end(entry);
    }
    for (const name of wanted) {
      if (this.#entries.has(name)) continue;
      const entry: Entry = {
        failures: 0,
        cancelTimer: () => {},
        running: undefined,
        againWithinMs: undefined,
        abort: new AbortController(),
      };
      this.#entries.set(name, entry);
      void this.#start(name, entry);
    }
  }

  /** Runs a round now, or joins the one that is running; answers when it ended. An unknown name is answered at once. */
  async runNow(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry) await this.#start(name, entry);
  }

  /** Another pace from now on: whoever waits is woken after that pace, counted from now. */
  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    for (const [name, entry] of this.#entries) {
      if (entry.running) continue;
      entry.cancelTimer();
      this.#arm(name, entry);
    }
  }

  /**
   * The world is another: what failed before counts no more, and every name has a round soon, spread over `withinMs` so that a fleet is
   * not asked in one burst. A name whose round runs has another after it.
   */
  wake(withinMs: number): void {
    for (const [name, entry] of this.#entries) {
      entry.failures = 0;
      if (entry.running) {
        entry.againWithinMs = withinMs;
        continue;
      }
      entry.cancelTimer();
      this.#startWithin(name, entry, withinMs);
    }
  }

  /** How far apart the rounds of a name are at present, in ms, without jitter. */
  delayOf(name: string): number {
    return backedOff(this.#intervalMs, this.#entries.get(name)?.failures ?? 0);
  }

  /** Ends all rounds and answers when the last one let go. */
  async stop(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) end(entry);
    await Promise.all(entries.flatMap((entry) => entry.running ?? []));
  }

  #start(name: string, entry: Entry): Promise<void> {
    entry.cancelTimer();
    entry.running ??= this.#round(name, entry).finally(() => {
      const { againWithinMs } = entry;
      [entry.running, entry.againWithinMs] = [undefined, undefined];
      if (this.#entries.get(name) !== entry) return;
      if (againWithinMs === undefined) this.#arm(name, entry);
      else this.#startWithin(name, entry, againWithinMs);
    });
    return entry.running;
  }

  async #round(name: string, entry: Entry): Promise<void> {
    let outcome: RoundOutcome = 'failed';
    try {
      outcome = await this.#options.round(name, entry.abort.signal);
    } catch (error) {
      if (!entry.abort.signal.aborted) this.#options.onError(name, error);
    }
    entry.failures = outcome === 'ok' ? 0 : entry.failures + 1;
  }

  #startWithin(name: string, entry: Entry, ms: number): void {
    const { clock, random } = this.#options;
    entry.cancelTimer = clock.after(ms * random(), () => void this.#start(name, entry));
  }

  #arm(name: string, entry: Entry): void {
    const { clock, random } = this.#options;
    const delay = this.delayOf(name) * (1 - jitter + 2 * jitter * random());
    entry.cancelTimer = clock.after(delay, () => void this.#start(name, entry));
  }
}

function end(entry: Entry): void {
  entry.cancelTimer();
  entry.abort.abort();
}
