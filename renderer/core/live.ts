import { applyChange } from '../../preload/contract/apply-change.ts';
import type { Change, Snapshot } from '../../preload/contract/live.ts';
import type { Connection } from './client.ts';

/**
 * connecting: nothing was seen yet. open: the snapshot is true now. lost: it is the last one seen, and the core is looked for.
 * refused: the core does not know this page, and it will not be tried again.
 */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused';

/** What a page knows of the core: the last snapshot and whether it still holds. An external store for React. */
export interface Live {
  snapshot(): Snapshot | undefined;
  state(): ConnectionState;
  /** Calls back after the snapshot or the state changed. */
  subscribe(listener: () => void): () => void;
  /** Calls back with every single change after it was applied, also those that no snapshot holds (lines of the journal). */
  onChange(listener: (change: Change) => void): () => void;
  close(): void;
}

/** How long a stream that broke while the socket stood is left alone, in ms. */
const breathMs = 200;

/** News closer together than this (ms) is shown together: a page is drawn once for a hundred nodes that were probed, not a hundred times. */
const togetherMs = 40;

/** Follows `live.watch`: a snapshot, then changes; after every loss a snapshot anew, so that nothing missed stays on the screen. */
export function followCore(connection: Connection): Live {
  /** What is known, and the part of it that the pages were told of. */
  let known: Snapshot | undefined;
  let snapshot: Snapshot | undefined;
  let state: ConnectionState = 'connecting';
  let toldAt = Number.NEGATIVE_INFINITY;
  let telling: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  const changeListeners = new Set<(change: Change) => void>();
  const tell = (): void => {
    clearTimeout(telling);
    telling = undefined;
    toldAt = performance.now();
    snapshot = known;
    for (const listener of listeners) listener();
  };
  /** The first news at once, what follows closely together. */
  const tellSoon = (): void => {
    if (telling !== undefined) return;
    const wait = toldAt + togetherMs - performance.now();
    if (wait <= 0) tell();
    else telling = setTimeout(tell, wait);
  };
  const become = (next: ConnectionState): void => {
    if (next === state || closing.signal.aborted) return;
    state = next;
    tell();
  };

  async function readOn(): Promise<void> {
    const news = await connection.client.live.watch(undefined, { signal: closing.signal });
    for await (const each of news) {
      if (closing.signal.aborted) return;
      if (each.kind === 'snapshot') {
        known = each.snapshot;
        state = 'open';
        tell();
        continue;
      }
      if (!known) continue;
      const before = known;
      known = applyChange(known, each);
      if (known !== before) tellSoon();
      for (const listener of changeListeners) listener(each);
    }
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await connection.opened();
      } catch {
        become('refused');
        return;
      }
      await readOn().catch(() => {});
      // A core never ends the stream by itself, so its end is a loss too. Before the first snapshot there is nothing to lose.
      if (known) become('lost');
      await new Promise((resolve) => setTimeout(resolve, breathMs));
    }
  }
  void follow();

  return {
    snapshot: () => snapshot,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    close() {
      closing.abort();
      clearTimeout(telling);
      connection.close();
    },
  };
}
