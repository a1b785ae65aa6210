import { useEffect, useEffectEvent } from 'react';
import { sections } from '../place/place.ts';
import { go } from '../place/use-place.ts';

/** `1…5` go to the pages, `?` shows the keys. Not while something is typed, and not below a dialog. */
export function useKeys(showKeys: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
    const page = /^[1-5]$/.test(event.key) ? sections[Number(event.key) - 1] : undefined;
    if (page) go({ page });
    else if (event.key === '?') showKeys();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
