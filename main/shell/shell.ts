import { app } from 'electron';

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
  void app.whenReady().then(() => {
    process.stdout.write(`${options.socket}\n`);
    app.quit();
  });
}
