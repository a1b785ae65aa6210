import { z } from 'zod';
import { problemSchema } from './problem.ts';

/**
 * What the desktop app keeps for itself and never gives to the core: how its window looks and speaks, and how it behaves on this
 * computer.
 */
export const preferencesSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  /** Whether the app starts when this user logs in, without a window. */
  openAtLogin: z.boolean(),
  /** Whether a change of state is told by a notification. */
  notifications: z.boolean(),
});
export type Preferences = z.infer<typeof preferencesSchema>;
export const preferencesPartSchema = preferencesSchema.partial();
export type PreferencesPart = z.infer<typeof preferencesPartSchema>;

/**
 * Where the core is, as the shell sees it. `own`: a child of this app; otherwise the app came to a core that ran already and leaves it
 * running. starting: not reached yet for the first time. lost: it ended; another is looked for or started. stopped: it ended
 * three times within a minute, or cannot be started, and is left alone until the person asks again; `problem` says why.
 */
export const coreStateSchema = z.object({
  state: z.enum(['starting', 'running', 'lost', 'stopped']),
  own: z.boolean(),
  /** The core's own version once it was reached; another than the app's is said. */
  version: z.string().optional(),
  problem: problemSchema.optional(),
});
export type CoreState = z.infer<typeof coreStateSchema>;

/** All that a window knows of its shell. */
export const shellStateSchema = z.object({
  version: z.string(),
  core: coreStateSchema,
  preferences: preferencesSchema,
  /** Whether this desktop shows trays; without one, closing the window ends the app. */
  tray: z.boolean(),
  /** What the shell could not do last, such as read its preferences or put the app among what starts at login. */
  problem: problemSchema.optional(),
});
export type ShellState = z.infer<typeof shellStateSchema>;

/** Folders and files that the shell shows in the system's file manager: a fixed list, never a path of the page. */
export const revealSchema = z.enum(['core-log', 'settings-folder']);
export type Reveal = z.infer<typeof revealSchema>;

/** What the shell offers to its own page, as `window.mirrorfleetShell`; undefined in a browser. */
export interface ShellBridge {
  /** The state when the page was opened, known before anything is drawn. */
  readonly initial: ShellState;
  /** Calls back with every later state. */
  onState(listener: (state: ShellState) => void): () => void;
  /**
   * Asks for a line to the core. Each arrives as a `message` event of the window whose data is `shellChannels.port` (shell-channels.ts) and whose first port
   * is the line; a new one arrives by itself when the core came back, and the one before is dead then.
   */
  connect(): void;
  /** Calls back with an address (`#/cache`) when the tray, a notification or a link asks for a place. */
  onPlace(listener: (hash: string) => void): () => void;
  prefer(part: PreferencesPart): Promise<ShellState>;
  reveal(what: Reveal): Promise<void>;
  copy(text: string): Promise<void>;
  /** Opens an address in the system's browser, if it is below one that the pages link to (linked-places.ts). */
  openLink(address: string): Promise<void>;
  /** Tries again to start a core that was left alone. */
  startCore(): Promise<void>;
}
