import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { fail } from '../../preload/contract/problem.ts';
import { autostartEntry, isOurEntry } from './desktop-entry.ts';
import { replaceWhole } from './whole-file.ts';

/** What starts this app when its user logs in: a file of the desktop on Linux, an entry of the system elsewhere. */
export interface LoginItem {
  isOpen(): boolean;
  /** Throws `login-item-foreign` or `login-item-failed`; what was there before is then unchanged. */
  setOpen(open: boolean): void;
}

/** What a login item needs to know; `program` is what a person would start (for an AppImage the image itself, not what is mounted). */
export interface LoginItemOptions {
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly program: string;
  /** What `program` needs before our own arguments (the app's folder, where Electron itself is the program). */
  readonly args: readonly string[];
}

/** With this argument the app starts without a window. */
export const hiddenArgument = '--hidden';

export function loginItem(options: LoginItemOptions): LoginItem {
  if (options.platform === 'linux') return autostartFile(options);
  const how = { path: options.program, args: [...options.args, hiddenArgument] };
  return {
    isOpen: () => options.app.getLoginItemSettings(how).openAtLogin,
    setOpen: (open) => options.app.setLoginItemSettings({ ...how, openAtLogin: open }),
  };
}

/** Whether this start shows no window: the login item's own argument, or macOS saying that it started us (it hands over no arguments). */
export function startsHidden(
  args: readonly string[],
  platform: NodeJS.Platform,
  app: LoginItemOptions['app'],
): boolean {
  return args.includes(hiddenArgument) || (platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin);
}

/** Where Linux desktops look for what they start: `~/.config/autostart/mirrorfleet.desktop`. */
export function autostartPath(env: LoginItemOptions['env'], home: string): string {
  const config = env['XDG_CONFIG_HOME'];
  return join(config?.startsWith('/') ? config : join(home, '.config'), 'autostart', 'mirrorfleet.desktop');
}

function autostartFile({ env, home, program, args }: LoginItemOptions): LoginItem {
  const file = autostartPath(env, home);
  const image = env['APPIMAGE'];
  const command = image?.startsWith('/') ? [image, hiddenArgument] : [program, ...args, hiddenArgument];
  const ours = (text: string | undefined): boolean => text !== undefined && isOurEntry(text);
  return {
    isOpen: () => ours(readIfThere(file)),
    setOpen: (open) => {
      try {
        const kept = readIfThere(file);
        if (kept !== undefined && !isOurEntry(kept)) refuse(file);
        if (!open) return rmSync(file, { force: true });
        replaceWhole(file, autostartEntry(command), 0o644);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        fail(
          {
            code: 'login-item-failed',
            message: `${file} could not be changed; whether Mirrorfleet starts at login is as it was.`,
            hint: 'Look at the rights of the file and its folder.',
            detail: { reason: error.message },
          },
          { cause: error },
        );
      }
    },
  };
}

function refuse(file: string): never {
  return fail({
    code: 'login-item-foreign',
    message: `${file} was not written by Mirrorfleet; it was left as it is.`,
    hint: 'Move the file aside, then try again.',
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
