import { homedir } from 'node:os';
import { app, clipboard, ipcMain, Menu, nativeTheme, protocol, session, shell } from 'electron';
import ElectronStore from 'electron-store';
import { type Language, languageFor } from '../../preload/contract/language.ts';
import type { PreferencesPart, Reveal, ShellState } from '../../preload/contract/shell.ts';
import { version } from '../version.ts';
import { appMenuTemplate } from './app-menu.ts';
import { serveBorder } from './border.ts';
import type { CoreLink } from './core-link.ts';
import { linkScheme, placeOf } from './deep-link.ts';
import { lockApp, lockSession } from './locked-down.ts';
import { loginItem } from './login-item.ts';
import { outside } from './outside.ts';
import { pageSchemes, servePages } from './page-protocol.ts';
import { type Kept, PreferencesStore, preferencesFile } from './preferences.ts';
import type { ShellLog } from './shell-log.ts';
import type { ShellOptions } from './shell-options.ts';
import { wordsFor } from './shell-words.ts';
import { SystemPreferences } from './system-preferences.ts';
import { AppWindow } from './window.ts';

/** What must be said to Electron before it is ready; first of all where its files lie, because the single instance is one of that folder. */
export function confineApp(userData: string, log: ShellLog): void {
  app.setPath('userData', userData);
  protocol.registerSchemesAsPrivileged(pageSchemes);
  lockApp(app, (what) => log('warn', 'refused', { what }));
}

/** What the window's side needs of the others. */
export interface WindowSideOptions {
  readonly options: ShellOptions;
  readonly link: Pick<CoreLink, 'state' | 'openPort' | 'retry'>;
  readonly log: ShellLog;
  /** Whether a tray shows now. */
  readonly tray: () => boolean;
  /** The window was closed and is gone. */
  readonly closed: () => void;
  /** The menu's Quit. */
  readonly quit: () => void;
}

/** The window with its border, its preferences and its menu. */
export interface WindowSide {
  readonly window: AppWindow;
  readonly preferences: PreferencesStore;
  state(): ShellState;
  language(): Language;
  /** As the page's settings do it. */
  prefer(part: PreferencesPart): ShellState;
  /** Shows where an address of our scheme leads. */
  openAddress(address: string): void;
  reveal(what: Reveal): Promise<void>;
  /** Something in the state changed: the window is told. */
  tell(): void;
}

/** Builds the window's side. Electron is ready. */
export function createWindowSide({ options, link, log, tray, closed, quit }: WindowSideOptions): WindowSide {
  const preferences = new PreferencesStore(
    options.userData,
    () => new ElectronStore<Kept>({ ...preferencesFile, cwd: options.userData }),
  );
  const item = loginItem({
    app,
    platform: process.platform,
    env: process.env,
    home: homedir(),
    program: process.execPath,
    args: app.isPackaged ? [] : [app.getAppPath()],
  });
  const system = new SystemPreferences(preferences, item, nativeTheme);
  const state = (): ShellState => {
    const problem = system.problem();
    return { version, core: link.state(), preferences: preferences.get(), tray: tray(), ...(problem && { problem }) };
  };
  const language = (): Language => languageFor(preferences.get().language, preferredLanguages());
  const window = new AppWindow({
    bridge: options.bridge,
    title: 'Mirrorfleet',
    development: !app.isPackaged,
    preferences,
    state,
    openPort: (port) => link.openPort(port),
    staysBehind: tray,
    closed,
  });
  const tell = (): void => window.tell(state());
  const prefer = (part: PreferencesPart): ShellState => {
    system.prefer(part);
    tell();
    return state();
  };
  const beyond = outside(shell, clipboard, options);
  const reveal = (what: Reveal): Promise<void> => beyond.reveal(what);
  serveBorder({
    ipcMain,
    ours: () => window.contents(),
    prefer,
    reveal,
    copy: (text) => beyond.copy(text),
    openLink: (address) => beyond.openLink(address),
    startCore: () => link.retry(),
    connect: () => window.newPort(),
    refused: (channel, why) => log('warn', 'a call of the window was refused', { channel, why }),
  });
  lockSession(session.defaultSession, (what) => log('warn', 'refused', { what }));
  servePages(protocol, options.pages());
  followLanguage(preferences, language, { settings: () => window.show('#/settings'), quit });
  registerLinks();
  return {
    window,
    preferences,
    state,
    language,
    prefer,
    openAddress: (address) => window.show(placeOf(address).hash),
    reveal,
    tell,
  };
}

/** The menu speaks the chosen language at once, and the system's own when that was changed meanwhile and the app is used again. */
function followLanguage(
  preferences: PreferencesStore,
  language: () => Language,
  actions: { readonly settings: () => void; readonly quit: () => void },
): void {
  let spoken: Language | undefined;
  const follow = (): void => {
    if (spoken === language()) return;
    spoken = language();
    const template = appMenuTemplate(wordsFor(spoken), process.platform, !app.isPackaged, actions);
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  follow();
  preferences.subscribe(follow);
  app.on('browser-window-focus', follow);
}

/** The languages that the system's user prefers, best first. */
const preferredLanguages = (): readonly string[] => app.getPreferredSystemLanguages();

/** On Linux the desktop entry of the package says which links are ours; elsewhere the installed app says so itself. */
function registerLinks(): void {
  if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(linkScheme);
}
