import { app, nativeImage, Tray } from 'electron';
import { startUnderNode } from './core-child.ts';
import { createCoreLink } from './core-link.ts';
import { linkAmong } from './deep-link.ts';
import { startsHidden } from './login-item.ts';
import type { PageFiles } from './page-files.ts';
import { createShellLog, type ShellLog } from './shell-log.ts';
import { startUtility } from './utility-child.ts';
import { confineApp, createWindowSide } from './window-side.ts';

/** How the core is started where none runs: as Electron's own utility process, or by a given Node (development, the older Electron of the tests). */
export type CoreProgram =
  | { readonly kind: 'utility'; readonly module: string }
  | { readonly kind: 'node'; readonly program: string; readonly module: string };

/** Where the shell finds what it needs; everything else it finds out by itself. */
export interface ShellOptions {
  /** The core's local socket and log, and the folder of its settings: named here, opened by nobody but the core. */
  readonly socket: string;
  readonly coreLog: string;
  readonly settingsFolder: string;
  /** The shell's own folder: Chromium's files and the preferences. Electron's own choice would be the folder of the core's settings. */
  readonly userData: string;
  /** The sandboxed preload and the folder of the tray's pictures. */
  readonly bridge: string;
  readonly icons: string;
  /** Reads the built pages; called when the first window is made. Throws `pages-missing`. */
  readonly pages: () => PageFiles;
  readonly core: CoreProgram;
  /** The command line without the program: `--hidden`, a `mirrorfleet://` address. */
  readonly args: readonly string[];
}

/** Builds every part of the desktop app by hand, in order, and lets go of them in the opposite one. */
export function runShell(options: ShellOptions): void {
  const log = createShellLog(options.coreLog);
  confineApp(options.userData, log);
  if (!app.requestSingleInstanceLock()) return app.quit();
  void app.whenReady().then(() => build(options, log));
}

function build(options: ShellOptions, log: ShellLog): void {
  const { socket, coreLog, core, args } = options;
  const link = createCoreLink({
    socket,
    coreLog,
    log,
    start: () => (core.kind === 'node' ? startUnderNode(core.program, core.module) : startUtility(core.module)),
  });
  // A stand-in for the tray's own part.
  const tray = new Tray(nativeImage.createFromBuffer(Buffer.alloc(16 * 16 * 4, 0x80), { width: 16, height: 16 }));
  let ending = false;
  let ended = false;
  const side = createWindowSide({
    options,
    link,
    log,
    tray: () => !tray.isDestroyed(),
    closed: () => {
      if (!ending && tray.isDestroyed()) app.quit();
    },
    quit: () => app.quit(),
  });
  const open = (line: readonly string[]): void => {
    const address = linkAmong(line);
    if (address === undefined) side.window.show();
    else side.openAddress(address);
  };
  link.onReached(() => side.window.newPort());
  link.subscribe(() => side.tell());
  app.on('second-instance', (_event, line) => open(line));
  app.on('open-url', (event, address) => {
    event.preventDefault();
    side.openAddress(address);
  });
  app.on('activate', () => side.window.show());
  // The app lives as long as its tray does, not its window.
  app.on('window-all-closed', () => {});
  app.on('before-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    if (ending) return;
    ending = true;
    side.window.close();
    tray.destroy();
    void link.close().finally(() => {
      ended = true;
      app.quit();
    });
  });
  if (startsHidden(args, process.platform, app)) side.window.prepare();
  else open(args);
}
