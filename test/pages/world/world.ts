import type { Change, Snapshot } from '../../../preload/contract/live.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { ShellState } from '../../../preload/contract/shell.ts';

/** How the stage's core behaves; everything a scene decides, as data. */
export interface World {
  /** The desktop app around the window; without it the pages are in a browser. */
  readonly shell?: ShellState;
  readonly snapshot: Snapshot;
  /** connecting: no snapshot ever comes. lost: it came, then the core went. refused: the core does not know the page. */
  readonly connection: 'open' | 'connecting' | 'lost' | 'refused';
  /** What every call other than the live ones comes to. */
  readonly calls: 'answer' | 'hang' | 'fail';
  /** For how long (ms) mirrors have been measured; without it, for longer than anybody looks back. */
  readonly measuredMs?: number;
  /** How many images each cache lists. */
  readonly images: number;
  /** How many lines the journal has. */
  readonly journal: number;
  readonly preflight: 'good' | 'failing';
  readonly vault: Settings['vault'];
  /** The vault's passphrase; secrets are locked until it is typed. */
  readonly passphrase?: string;
  /** Whether a keychain answers; without one an undecided vault keeps nothing. */
  readonly keychain?: 'absent';
  /** Whether root's work on this computer asks for a password; the stage knows none that is right. */
  readonly sudo?: 'asked';
  /** What a server asks after its key was accepted; the stage takes `right` as the answer. */
  readonly login?: 'password' | 'sudo';
  /** How an apply of a node goes. */
  readonly apply?: 'runs' | 'fails';
  /** Changes that come by themselves, this many ms apart; the stage's own clock is `now`. */
  readonly stream?: { readonly everyMs: number; readonly next: (round: number) => readonly Change[] };
}

export const quiet = (snapshot: Partial<Snapshot> = {}, changed: Partial<Omit<World, 'snapshot'>> = {}): World => ({
  snapshot: { version: '0.1.0', who: 'dev@laptop', nodes: [], runtimes: [], tasks: [], ...snapshot },
  connection: 'open',
  calls: 'answer',
  images: 0,
  journal: 0,
  preflight: 'good',
  vault: 'key-file',
  ...changed,
});
