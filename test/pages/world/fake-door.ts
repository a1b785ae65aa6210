import type { ShellBridge, ShellState } from '../../../preload/contract/shell.ts';
import type { Connection } from '../../../renderer/core/client.ts';
import type { Appearance } from '../../../renderer/door/appearance.ts';
import { browserDoor } from '../../../renderer/door/browser-door.ts';
import type { Door } from '../../../renderer/door/door.ts';
import { shellDoor } from '../../../renderer/door/shell-door.ts';

/** A door of the pages over a core that is played, and how a choice made elsewhere (another window, the tray) reaches it. */
export interface StageDoor {
  readonly door: Door;
  readonly wear: (part: Partial<Appearance>) => void;
}

/** The desktop's door where the scene has a shell, else the browser's; both are the product's own but for the core behind them. */
export function stageDoor(
  page: Window & typeof globalThis,
  shell: ShellState | undefined,
  connect: () => Connection,
): StageDoor {
  if (!shell) return { door: { ...browserDoor(page), connect }, wear: (part) => keepElsewhere(page, part) };
  const { bridge, change } = fakeBridge(shell);
  return {
    door: { ...shellDoor(page, bridge), connect },
    wear: (part) => change((state) => ({ ...state, preferences: { ...state.preferences, ...part } })),
  };
}

/** What another tab's choice looks like. */
function keepElsewhere(page: Window & typeof globalThis, part: Partial<Appearance>): void {
  for (const [name, newValue] of Object.entries(part)) {
    const key = `mirrorfleet-${name}`;
    page.localStorage.setItem(key, newValue);
    page.dispatchEvent(new StorageEvent('storage', { key, newValue, storageArea: page.localStorage }));
  }
}

/** A shell that keeps what it is asked to and does nothing else. */
function fakeBridge(initial: ShellState): {
  readonly bridge: ShellBridge;
  readonly change: (how: (state: ShellState) => ShellState) => void;
} {
  let state = initial;
  const listeners = new Set<(state: ShellState) => void>();
  const change = (how: (state: ShellState) => ShellState): void => {
    state = how(state);
    for (const listener of listeners) listener(state);
  };
  return {
    change,
    bridge: {
      initial,
      onState(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      connect() {},
      onPlace: () => () => {},
      async prefer(part) {
        change((before) => ({ ...before, preferences: Object.assign({ ...before.preferences }, part) }));
        return state;
      },
      async reveal() {},
      async copy() {},
      async openLink() {},
      async startCore() {
        change((before) => ({ ...before, core: { state: 'starting', own: true } }));
      },
    },
  };
}
