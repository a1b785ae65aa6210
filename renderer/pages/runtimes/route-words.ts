import { useCallback } from 'react';
import type { Route } from '../../../preload/contract/runtime.ts';
import { useWords } from '../../words/words.ts';

/** A route as words: `direct`, `tokyo`, `tokyo, osaka`. */
export function useRouteWords(): (route: Route) => string {
  const t = useWords('shell');
  return useCallback((route) => (route.length === 0 ? t('direct') : route.join(', ')), [t]);
}
