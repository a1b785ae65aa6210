import { useMemo, useSyncExternalStore } from 'react';
import { formatPlace, type Place, parsePlace } from './place.ts';

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

const address = (): string => window.location.hash;

/** Where the reader is now. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, address);
  return useMemo(() => parsePlace(hash), [hash]);
}

/** Goes to a place; `replace` leaves no step back (a search that is being typed). */
export function go(place: Place, how: { readonly replace?: boolean } = {}): void {
  const hash = formatPlace(place);
  if (hash === window.location.hash) return;
  if (how.replace) {
    window.history.replaceState(window.history.state, '', hash);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else window.location.hash = hash;
}
