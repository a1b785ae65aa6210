import type { MantineColorSchemeManager } from '@mantine/core';
import type { AppearanceStore } from '../door/appearance.ts';
import { fromMantine, toMantine } from './scheme.ts';

/** Where Mantine finds and keeps the reader's colours: beside the language, wherever that is. */
export function schemeManager(appearance: AppearanceStore): MantineColorSchemeManager {
  let leave = (): void => {};
  const get = () => toMantine(appearance.get().theme);
  return {
    get,
    set(scheme) {
      // Mantine also sets what it was just told; that is no choice of the reader's.
      if (scheme !== get()) appearance.choose({ theme: fromMantine(scheme) });
    },
    subscribe(onUpdate) {
      let last = get();
      leave = appearance.subscribe(() => {
        const next = get();
        if (next === last) return;
        last = next;
        onUpdate(next);
      });
    },
    unsubscribe: () => leave(),
    clear: () => appearance.choose({ theme: 'system' }),
  };
}
