import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useConnectionState } from './core-context.tsx';

/** After a loss everything that was asked is asked again: it may be another core that answers now, and what failed meanwhile failed for that. */
export function useRecover(): void {
  const state = useConnectionState();
  const queries = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === 'lost') wasLost.current = true;
    if (state !== 'open' || !wasLost.current) return;
    wasLost.current = false;
    void queries.invalidateQueries();
  }, [state, queries]);
}
