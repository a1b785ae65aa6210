import { useEffect } from 'react';

/**
 * A fast hand types on after the key that opened a dialog, before its field is there: what comes meanwhile is put where it was meant.
 */
export function useEarlyKeys(opened: boolean, type: (change: (typed: string) => string) => void): void {
  useEffect(() => {
    if (!opened) return;
    const take = (event: KeyboardEvent): void => {
      if (document.activeElement?.closest('[role="dialog"]') || event.isComposing) return;
      const change = changeBy(event);
      if (change === undefined) return;
      event.preventDefault();
      // The keys of the pages (1…5) are not meant while a dialog comes.
      event.stopImmediatePropagation();
      type(change);
    };
    window.addEventListener('keydown', take, { capture: true });
    return () => window.removeEventListener('keydown', take, { capture: true });
  }, [opened, type]);
}

/** What a key does to a text that is typed; undefined for one that types nothing. Pure. */
export function changeBy({
  key,
  ctrlKey,
  metaKey,
  altKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): ((typed: string) => string) | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (key === 'Backspace') return (typed) => typed.slice(0, -1);
  return /^.$/u.test(key) ? (typed) => typed + key : undefined;
}
