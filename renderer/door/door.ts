import type { OutsideAddress } from '../../preload/contract/linked-places.ts';
import type { Connection } from '../core/client.ts';
import type { AppearanceStore } from './appearance.ts';
import type { Shell } from './shell.ts';

/** The door through which the pages were opened: what they have from it, so that no page asks which one it is. */
export interface Door {
  readonly appearance: AppearanceStore;
  /** Reaches the core; called once. */
  connect(): Connection;
  /** Puts a text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Opens a page of somebody else; without it a link is the browser's own. */
  readonly openLink?: (address: OutsideAddress) => void;
  /** The desktop app around the window; a browser has none. */
  readonly shell?: Shell;
}
