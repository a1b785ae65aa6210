import { useEffect, useRef } from 'react';

/** A dialog that was asked for by its keys is there within this time (ms), or does not come. */
const comesWithinMs = 1000;

/**
 * A fast hand types on after the key that opened the palette, before its field is there: what comes meanwhile is put where it was meant. The
 * opening key is seen here as well, because the next one may come before React has drawn anything.
 */
export function useEarlyKeys(opened: boolean, type: (change: (typed: string) => string) => void): void {
  const until = useRef(0);
  useEffect(() => {
    const take = (event: KeyboardEvent): void => {
      if (opensPalette(event)) {
        until.current = event.timeStamp + comesWithinMs;
        return;
      }
      if (event.isComposing || !(opened || event.timeStamp < until.current)) return;
      if (document.activeElement?.closest('[role="dialog"]')) {
        until.current = 0;
        return;
      }
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

/** `Ctrl K` or `⌘ K`, as the palette's own shortcut has it. */
const opensPalette = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 'k';

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
