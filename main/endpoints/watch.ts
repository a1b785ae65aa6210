import type { Change, Snapshot } from '../../preload/contract/live.ts';

/** A live state as its watchers need it. */
export interface Watched {
  snapshot(): Snapshot;
  subscribe(listener: (change: Change) => void): () => void;
}

/** A client that is so many changes behind gets a new snapshot instead of them. */
const longestQueue = 256;

/**
 * The snapshot, then every change in order, until the caller leaves. Changes wait while the caller is slow; one that falls too far behind
 * begins again with a snapshot, so nothing grows without end and what it shows is true all the same.
 */
export async function* watch(
  state: Watched,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ kind: 'snapshot'; snapshot: Snapshot } | Change> {
  let queue: Change[] = [];
  let behind = false;
  let wake = (): void => {};
  const stop = state.subscribe((change) => {
    if (queue.length >= longestQueue) {
      behind = true;
      queue = [];
    }
    if (!behind) queue.push(change);
    wake();
  });
  const leave = (): void => wake();
  signal?.addEventListener('abort', leave);
  try {
    yield { kind: 'snapshot', snapshot: state.snapshot() };
    while (signal?.aborted !== true) {
      if (behind) {
        behind = false;
        yield { kind: 'snapshot', snapshot: state.snapshot() };
        continue;
      }
      const next = queue.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', leave);
  }
}
