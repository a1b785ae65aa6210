import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from 'react';
import type { ShellState } from '../../preload/contract/shell.ts';
import type { Appearance } from './appearance.ts';
import type { Door } from './door.ts';
import type { Shell } from './shell.ts';

const DoorContext = createContext<Door | undefined>(undefined);

/** Gives the door to every page below. */
export function DoorProvider({ door, children }: { readonly door: Door; readonly children: ReactNode }) {
  return <DoorContext value={door}>{children}</DoorContext>;
}

export function useDoor(): Door {
  const door = useContext(DoorContext);
  if (!door) throw new Error('This part of the page needs a DoorProvider above it.');
  return door;
}

/** What the reader chose, as it is now. */
export function useAppearance(): Appearance {
  const { appearance } = useDoor();
  const subscribe = useCallback((listener: () => void) => appearance.subscribe(listener), [appearance]);
  const theme = useSyncExternalStore(subscribe, () => appearance.get().theme);
  const language = useSyncExternalStore(subscribe, () => appearance.get().language);
  return { theme, language };
}

/** The desktop app around this window with its state, live; undefined in a browser. */
export function useShell(): { readonly shell: Shell; readonly state: ShellState } | undefined {
  const { shell } = useDoor();
  const subscribe = useCallback((listener: () => void) => shell?.subscribe(listener) ?? nobody, [shell]);
  const state = useSyncExternalStore(subscribe, () => shell?.state());
  return shell && state && { shell, state };
}

const nobody = (): void => {};
