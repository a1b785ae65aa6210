import type { PageFiles } from './page-files.ts';

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
