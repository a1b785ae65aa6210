import { useEffect, useSyncExternalStore } from 'react';

/** Something the palette can do. `id` is unique among all pages; `words` are further names it is found by. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly words?: readonly string[];
  readonly hint?: string;
  readonly run: () => void;
}

/** The commands of every page that is open, by who registered them. */
const registered = new Map<symbol, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function tell(): void {
  all = [...registered.values()].flat();
  for (const listener of listeners) listener();
}

/** Puts commands into the palette for as long as the component is there. Give the same list between renders (useMemo). */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    const owner = Symbol('commands');
    registered.set(owner, commands);
    tell();
    return () => {
      registered.delete(owner);
      tell();
    };
  }, [commands]);
}

export function useRegisteredCommands(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
}
