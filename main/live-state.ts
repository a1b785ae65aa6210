import { applyChange } from '../preload/contract/apply-change.ts';
import type { Change, Snapshot } from '../preload/contract/live.ts';

/** Hears every change after it was applied. */
export type Listener = (change: Change) => void;

/** The one live snapshot of the core. Services put changes in, doors read and listen; nothing polls. */
export class LiveState {
  #snapshot: Snapshot;
  readonly #listeners = new Set<Listener>();

  constructor(version: string, who = '') {
    this.#snapshot = { version, nodes: [], runtimes: [], tasks: [], prunable: [], who };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  apply(change: Change): void {
    this.#snapshot = applyChange(this.#snapshot, change);
    for (const listener of this.#listeners) listener(change);
  }

  /** Calls back for every later change; the returned function stops that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
