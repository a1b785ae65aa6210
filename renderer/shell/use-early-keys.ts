import { useEffect, useRef } from 'react';

/** A dialog that was asked for by its keys is there within this time (ms), or does not come. */
const comesWithinMs = 1000;

/**
 * A fast hand types on after the key that opened the palette, before its field is there: what comes meanwhile is put where it was meant. The
 * opening key is seen here as well, because the next one may come before React has drawn anything.
 */
export function useEarlyKeys(opened: boolean, type: (change: (typed: string) => string) => void): void {
  /** Until when (on the clock of events) keys are taken for the palette. */
  const until = useRef(0);
  useEffect(() => {
    until.current = opened ? Number.POSITIVE_INFINITY : 0;
  }, [opened]);
  useEffect(() => {
    const take = (event: KeyboardEvent): void => {
      if (opensPalette(event)) until.current = event.timeStamp + comesWithinMs;
      // It is there and takes its keys itself, or it is not wanted any more; while it goes, keys are the page's again.
      else if (event.key === 'Escape' || document.activeElement?.closest('[role="dialog"]')) until.current = 0;
      else if (event.timeStamp < until.current && !event.isComposing) put(event);
    };
    const put = (event: KeyboardEvent): void => {
      const change = changeBy(event);
      if (change === undefined) return;
      event.preventDefault();
      // The keys of the pages (1…5) are not meant while a dialog comes.
      event.stopImmediatePropagation();
      type(change);
    };
    window.addEventListener('keydown', take, { capture: true });
    return () => window.removeEventListener('keydown', take, { capture: true });
  }, [type]);
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
