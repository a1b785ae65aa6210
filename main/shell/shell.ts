import { app, BrowserWindow, ipcMain, MessageChannelMain, nativeImage, Tray } from 'electron';
import type { ShellState } from '../../preload/contract/shell.ts';
import { shellChannels } from '../../preload/contract/shell-channels.ts';
import { version } from '../version.ts';
import { startUnderNode } from './core-child.ts';
import { createCoreLink } from './core-link.ts';
import { createShellLog } from './shell-log.ts';
import { startUtility } from './utility-child.ts';

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
  /** The sandboxed preload, the folder of the built pages, the folder of the tray's pictures. */
  readonly bridge: string;
  readonly pages: string;
  readonly icons: string;
  readonly core: CoreProgram;
  /** The command line without the program: `--hidden`, a `mirrorfleet://` address. */
  readonly args: readonly string[];
}

/** Builds every part of the desktop app by hand, in order, and lets go of them in the opposite one. */
export function runShell(options: ShellOptions): void {
  if (!app.requestSingleInstanceLock()) return app.quit();
  void app.whenReady().then(() => build(options));
}

function build(options: ShellOptions): void {
  const { socket, coreLog, core, args } = options;
  const link = createCoreLink({
    socket,
    coreLog,
    log: createShellLog(coreLog),
    start: () => (core.kind === 'node' ? startUnderNode(core.program, core.module) : startUtility(core.module)),
  });
  const tray = new Tray(nativeImage.createFromBuffer(Buffer.alloc(16 * 16 * 4, 0x80), { width: 16, height: 16 }));
  const state = (): ShellState => ({
    version,
    core: link.state(),
    preferences: { theme: 'system', language: 'system', openAtLogin: false, notifications: true },
    tray: !tray.isDestroyed(),
  });
  // A stand-in for the window's own part.
  let window: BrowserWindow | undefined;
  const newPort = (): void => {
    if (!window) return;
    const { port1, port2 } = new MessageChannelMain();
    link.openPort(port1);
    window.webContents.postMessage(shellChannels.port, null, [port2]);
  };
  const show = (): void => {
    if (window) return window.show();
    window = new BrowserWindow({
      title: 'Mirrorfleet',
      webPreferences: {
        preload: options.bridge,
        sandbox: true,
        additionalArguments: [`--mirrorfleet-initial=${encodeURIComponent(JSON.stringify(state()))}`],
      },
    });
    window.once('closed', () => (window = undefined));
    void window.loadFile(`${options.pages}/index.html`);
  };
  ipcMain.on(shellChannels.connect, newPort);
  link.onReached(newPort);
  link.subscribe(() => window?.webContents.send(shellChannels.stateChanged, state()));
  app.on('second-instance', show);
  app.on('window-all-closed', () => {
    if (tray.isDestroyed()) app.quit();
  });
  let ended = false;
  app.on('before-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    window?.destroy();
    tray.destroy();
    void link.close().finally(() => {
      ended = true;
      app.quit();
    });
  });
  if (!args.includes('--hidden')) show();
}
