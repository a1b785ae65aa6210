import type { Change, Snapshot } from '../../preload/contract/live.ts';
import type { Log } from '../log/log.ts';
import { type DueTimes, dueIn, everyMs, keepDue, newsOf, nextCount, retryMs, soonMs } from './prunable-times.ts';

export interface PrunableWatchOptions {
  readonly snapshot: () => Snapshot;
  /** Counts one node and publishes the figure. */
  readonly count: (node: string, signal: AbortSignal) => Promise<void>;
  readonly clock: { now(): number; after(ms: number, callback: () => void): () => void };
  readonly random?: () => number;
  readonly log: Log;
}

/**
 * Keeps the snapshot's `prunable` true enough without being asked: some minutes after a node is first seen and every few hours after
 * that, one node at a time. Counting walks a whole cache on its server, so it gives way to every task on that node, and what fails is
 * tried later and told to nobody.
 */
export class PrunableWatch {
  readonly #options: PrunableWatchOptions;
  readonly #random: () => number;
  #due: DueTimes = new Map();
  #cancelTimer = (): void => {};
  #counting: { readonly node: string; readonly abort: AbortController; ended: Promise<void> } | undefined;
  #running = false;

  constructor(options: PrunableWatchOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    this.#running = true;
    this.#look();
  }

  /** Ends the watch; answers when a count that runs let go. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer();
    this.#counting?.abort.abort();
    await this.#counting?.ended;
  }

  /** Hears every change of the snapshot, after it was applied. */
  hear(change: Change): void {
    const heard = this.#running ? newsOf(change) : undefined;
    if (heard === undefined) return;
    const { node, news } = heard;
    if (news === 'counted') this.#put(node, everyMs);
    else if (this.#counting?.node === node) this.#counting.abort.abort();
    if (news !== 'wrong') return;
    this.#put(node, soonMs);
    this.#look();
  }

  #look(): void {
    if (!this.#running || this.#counting) return;
    const { clock, snapshot } = this.#options;
    this.#cancelTimer();
    this.#due = keepDue(this.#due, snapshot(), clock.now(), this.#random);
    const next = nextCount(this.#due, snapshot(), clock.now());
    if ('waitMs' in next) this.#cancelTimer = clock.after(next.waitMs, () => this.#look());
    else this.#begin(next.node);
  }

  #begin(node: string): void {
    const abort = new AbortController();
    const counting = { node, abort, ended: Promise.resolve() };
    this.#counting = counting;
    counting.ended = this.#count(node, abort.signal).finally(() => {
      this.#counting = undefined;
      this.#look();
    });
  }

  async #count(node: string, signal: AbortSignal): Promise<void> {
    const { count, log } = this.#options;
    try {
      await count(node, signal);
      this.#put(node, everyMs);
    } catch (error) {
      // One that gave way is due as before, as soon as the task is over.
      if (signal.aborted) return;
      this.#put(node, retryMs);
      log.debug('What a prune would free was not counted.', { node, error: String(error) });
    }
  }

  #put(node: string, ms: number): void {
    this.#due = new Map([...this.#due, [node, dueIn(ms, this.#options.clock.now(), this.#random())]]);
  }
}
