import { openConnection } from '../core/connection.ts';
import { fromMantine, schemeKey, toMantine } from '../theme/scheme.ts';
import { languageKey, readChoice } from '../words/language.ts';
import type { AppearanceStore } from './appearance.ts';
import type { Door } from './door.ts';

/** The pages in a tab of a browser: what the reader chose is kept by the browser. */
export function browserDoor(page: Window & typeof globalThis): Door {
  return {
    appearance: keptByBrowser(page),
    connect: () => openConnection(page),
    copy: (text) => page.navigator.clipboard.writeText(text),
  };
}

/** The parts of a window that keep a choice and tell of one made in another tab. */
type KeepingWindow = Pick<Window, 'localStorage' | 'addEventListener' | 'removeEventListener'>;

/** The reader's choice in the browser's own store (`mirrorfleet-theme`, `mirrorfleet-language`). */
export function keptByBrowser(page: KeepingWindow): AppearanceStore {
  const listeners = new Set<() => void>();
  return {
    get() {
      const scheme = page.localStorage.getItem(schemeKey);
      return {
        theme: fromMantine(scheme === 'light' || scheme === 'dark' ? scheme : 'auto'),
        language: readChoice(page.localStorage.getItem(languageKey)),
      };
    },
    choose({ theme, language }) {
      if (theme !== undefined) page.localStorage.setItem(schemeKey, toMantine(theme));
      if (language !== undefined) page.localStorage.setItem(languageKey, language);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      const onStorage = ({ key }: StorageEvent): void => {
        if (key === schemeKey || key === languageKey || key === null) listener();
      };
      listeners.add(listener);
      page.addEventListener('storage', onStorage);
      return () => {
        listeners.delete(listener);
        page.removeEventListener('storage', onStorage);
      };
    },
  };
}
