import {
  BrowserWindow,
  MessageChannelMain,
  type MessagePortMain,
  nativeTheme,
  screen,
  type WebContents,
} from 'electron';
import type { ShellState } from '../../preload/contract/shell.ts';
import { shellChannels } from '../../preload/contract/shell-channels.ts';
import { pageAddress } from './page-files.ts';
import type { PreferencesStore } from './preferences.ts';
import { type Bounds, placeWindow, type WindowPlace } from './window-place.ts';
import { groundOf, windowOptions } from './window-options.ts';
import { WindowRest } from './window-rest.ts';

/** What a window needs of the app around it. */
export interface AppWindowOptions {
  readonly bridge: string;
  readonly title: string;
  readonly icon?: string;
  /** Whether Chromium's tools can be opened. */
  readonly development: boolean;
  readonly preferences: PreferencesStore;
  readonly state: () => ShellState;
  /** Takes one end of a channel to the page; the core is to speak at it. */
  readonly openPort: (port: MessagePortMain) => void;
  /** Whether a closed window is only put away, because the tray brings it back at once. */
  readonly staysBehind: () => boolean;
  /** Told when the window is really gone. */
  readonly closed: () => void;
}

/**
 * The app's one window. It is made when it is first needed, and put away rather than closed while there is a tray, so that a click shows
 * what is true within a moment; the page goes on hearing the core meanwhile. One that stays put away goes to rest (`window-rest.ts`): it is
 * gone with its page, and the next click makes another at the same place of the pages.
 */
export class AppWindow {
  readonly #options: AppWindowOptions;
  #window: BrowserWindow | undefined;
  /** Drawn for the first time; before that a window is blank. */
  #drawn = false;
  #wanted = false;
  #ending = false;
  /** The window is asked whether it may go to rest. */
  #resting = false;
  /** When the page's process last ended by itself, in ms since 1970. */
  #lastFault = 0;
  /** Where the pages were when the window went to rest. */
  #restedAt = '';
  readonly #rest = new WindowRest(() => this.#goToRest());

  constructor(options: AppWindowOptions) {
    this.#options = options;
    nativeTheme.on('updated', () => {
      this.#window?.setBackgroundColor(groundOf(nativeTheme.shouldUseDarkColors));
    });
  }

  /** Whether a person sees the window, or would if it were not behind others. */
  isOpen(): boolean {
    return this.#window?.isVisible() ?? false;
  }

  /** Whether a person looks at it now: it is before all others and hears the keys. */
  isFocused(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  contents(): WebContents | undefined {
    return this.#window?.webContents;
  }

  /** Makes the window without showing it, so that the first click finds it drawn. */
  prepare(): void {
    this.#window ??= this.#make('');
    this.#rest.unseen();
  }

  /** Brings the window to the front, and to a place of the pages (`#/cache`) if one is named. */
  show(hash?: string): void {
    this.#wanted = true;
    this.#rest.seen();
    if (!this.#window) {
      this.#window = this.#make(hash ?? this.#restedAt);
      return;
    }
    if (hash !== undefined) this.#send(shellChannels.place, hash);
    if (this.#drawn) this.#toFront(this.#window);
  }

  tell(state: ShellState): void {
    this.#send(shellChannels.stateChanged, state);
  }

  /** Gives the page a new line to the core; the one before is dead then. */
  newPort(): void {
    if (!this.#window) return;
    const { port1, port2 } = new MessageChannelMain();
    this.#options.openPort(port1);
    this.#window.webContents.postMessage(shellChannels.port, null, [port2]);
  }

  /** Closes for good. */
  close(): void {
    this.#ending = true;
    this.#window?.close();
  }

  #send(channel: string, value: unknown): void {
    this.#window?.webContents.send(channel, value);
  }

  #make(hash: string): BrowserWindow {
    const { preferences, state } = this.#options;
    const place = placeNow(preferences.windowPlace());
    const dark = nativeTheme.shouldUseDarkColors;
    const window = new BrowserWindow(windowOptions({ ...this.#options, dark, place, state: state() }));
    this.#drawn = false;
    // The menu stays for its shortcuts alone; macOS shows it in a place of its own.
    window.setMenuBarVisibility(false);
    window.once('ready-to-show', () => {
      this.#drawn = true;
      if (place.maximized && this.#wanted) window.maximize();
      if (this.#wanted) this.#toFront(window);
    });
    // What the page's process was started with is old after a reload.
    window.webContents.on('did-finish-load', () => this.tell(state()));
    window.webContents.on('render-process-gone', () => this.#again(window));
    window.webContents.on('will-prevent-unload', (event) => {
      // A page keeps its window from rest while something half-typed is on it, but nobody from quitting.
      if (!this.#resting) return event.preventDefault();
      this.#resting = false;
      this.#rest.unseen();
    });
    window.on('close', (event) => {
      preferences.keepWindowPlace(placeOf(window));
      if (this.#ending || this.#resting || !this.#options.staysBehind()) return;
      event.preventDefault();
      this.#wanted = false;
      window.hide();
      this.#rest.unseen();
    });
    window.on('closed', () => {
      const resting = this.#resting;
      this.#resting = false;
      this.#rest.seen();
      this.#window = undefined;
      if (!resting) {
        this.#wanted = false;
        this.#options.closed();
      } else if (this.#wanted) this.show();
    });
    void window.loadURL(`${pageAddress}${hash}`);
    return window;
  }

  /** Without a tray nobody could call the window back; then it stays. So it does when its page asks for it. */
  #goToRest(): void {
    const window = this.#window;
    if (!window || this.#wanted || !this.#options.staysBehind()) return;
    const [, place = ''] = window.webContents.getURL().split('#', 2);
    this.#restedAt = place === '' ? '' : `#${place}`;
    this.#resting = true;
    window.close();
  }

  #toFront(window: BrowserWindow): void {
    if (window.isMinimized()) window.restore();
    // A display may have gone while the window was put away.
    else if (!window.isVisible() && !window.isMaximized()) window.setBounds(boundsNow(placeOf(window)));
    window.show();
    window.focus();
  }

  /** A page whose process ended begins anew; one that ends again at once is given up, and the next click makes a new window. */
  #again(window: BrowserWindow): void {
    if (this.#ending || window.isDestroyed()) return;
    const now = Date.now();
    if (now - this.#lastFault < shortestLife) return window.destroy();
    this.#lastFault = now;
    window.webContents.reload();
  }
}

const shortestLife = 10_000;

const placeOf = (window: BrowserWindow): WindowPlace => ({
  ...window.getNormalBounds(),
  maximized: window.isMaximized(),
});

/** A place on the displays that there are now. */
function placeNow(kept: WindowPlace | undefined): WindowPlace {
  const displays = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()];
  return placeWindow(
    kept,
    displays.map(({ workArea }) => workArea),
  );
}

function boundsNow(kept: WindowPlace): Bounds {
  const { maximized: _, ...bounds } = placeNow(kept);
  return bounds;
}
