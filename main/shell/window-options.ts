import type { BrowserWindowConstructorOptions, WebPreferences } from 'electron';
import type { Problem } from '../../preload/contract/problem.ts';
import type { ShellState } from '../../preload/contract/shell.ts';
import { smallestWindow, type WindowPlace } from './window-place.ts';

/** How every page of this app is shut in. Written out, also where Electron's default is the same: none of it may ever turn by an update. */
export const pageConfinement = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  enableBlinkFeatures: '',
  webviewTag: false,
  navigateOnDragDrop: false,
  plugins: false,
  spellcheck: false,
  disableDialogs: true,
  safeDialogs: true,
} as const satisfies WebPreferences;

/** The ground of the pages in both schemes (renderer/theme/colours.css), so that a window never flashes white. */
export const ground = { light: '#ffffff', dark: '#16181d' } as const;

export const groundOf = (dark: boolean): string => (dark ? ground.dark : ground.light);

/** What a new window is made with. */
export interface WindowLook {
  readonly title: string;
  readonly bridge: string;
  readonly dark: boolean;
  readonly development: boolean;
  readonly icon?: string;
  readonly place: WindowPlace;
  readonly state: ShellState;
}

export function windowOptions(look: WindowLook): BrowserWindowConstructorOptions {
  const { maximized: _, ...bounds } = look.place;
  return {
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: look.title,
    backgroundColor: groundOf(look.dark),
    show: false,
    ...(look.icon !== undefined && { icon: look.icon }),
    webPreferences: {
      ...pageConfinement,
      devTools: look.development,
      preload: look.bridge,
      additionalArguments: [initialArgument(look.state)],
    },
  };
}

/** Windows takes 32767 characters of command line for everything; Chromium's own switches are some 2000 of them. */
const longestArgument = 16_000;

/**
 * The state as an argument of the page's process (`preload/bridge.ts` reads it), where it is known before anything is drawn. Everyone on
 * this computer can read a command line: a ShellState holds no secret. Where a problem's details are too long for it, they come later.
 */
export function initialArgument(state: ShellState): string {
  const written = (value: ShellState): string => `--mirrorfleet-initial=${encodeURIComponent(JSON.stringify(value))}`;
  const whole = written(state);
  if (whole.length <= longestArgument) return whole;
  return written({ ...briefly(state), core: briefly(state.core) });
}

/** Without its problem's folded facts. */
function briefly<Told extends { readonly problem?: Problem | undefined }>(told: Told): Told {
  return told.problem ? { ...told, problem: { ...told.problem, detail: undefined } } : told;
}
