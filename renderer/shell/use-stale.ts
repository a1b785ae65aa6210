import type { NodeView } from '../../preload/contract/status.ts';
import { useConnectionState } from '../core/core-context.tsx';
import { useNow } from '../parts/now.ts';
import { isStale } from '../../preload/contract/stale.ts';

/** Whether what is known of a node says nothing about now: the core is away, or it was measured too long ago. */
export function useStale(view: Pick<NodeView, 'staleAfterMs'>, at: number | undefined): boolean {
  const state = useConnectionState();
  const now = useNow(5000);
  return isStale({ connected: state === 'open', at, staleAfterMs: view.staleAfterMs, now });
}
