import type { Preferences, Reveal, ShellBridge, ShellState } from '../../preload/contract/shell.ts';

/** The desktop app around this window, as the pages hold it. An external store for React. */
export interface Shell {
  state(): ShellState;
  /** Calls back after the state changed. */
  subscribe(listener: () => void): () => void;
  /** Changes what the app keeps for itself; shown at once, and taken back if the app does not keep it. */
  prefer(part: Partial<Preferences>): void;
  reveal(what: Reveal): void;
  /** Tries again to start a core that was left alone. */
  startCore(): void;
  /** Asks for a line to the core. */
  askForLine(): void;
}

/** Follows the app's state over its bridge. */
export function followShell(bridge: ShellBridge): Shell {
  /** What the app said last, and what is shown: the same but for a choice that is on its way. */
  let said = bridge.initial;
  let shown = said;
  const listeners = new Set<() => void>();
  const show = (next: ShellState): void => {
    shown = next;
    for (const listener of listeners) listener();
  };
  const take = (next: ShellState): void => {
    said = next;
    show(next);
  };
  bridge.onState(take);

  return {
    state: () => shown,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    prefer(part) {
      show({ ...shown, preferences: { ...shown.preferences, ...part } });
      void bridge.prefer(part).then(take, () => show(said));
    },
    reveal: (what) => void bridge.reveal(what).catch(() => {}),
    startCore: () => void bridge.startCore().catch(() => {}),
    askForLine: () => bridge.connect(),
  };
}
