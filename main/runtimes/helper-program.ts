import { posix, win32 } from 'node:path';

/** What becomes root: a Node and the privileged helper that it runs, both by absolute path. */
export interface HelperProgram {
  readonly node: string;
  readonly helper: string;
}

/** Where the program that asks runs. */
export interface Surroundings {
  /** The folder of the running file and that file's extension (`.ts` in a checkout). */
  readonly here: string;
  readonly extension: string;
  /** What runs it. */
  readonly program: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Which helper is started, and by what. In a checkout and in the command line's bundle (`.mjs`) it lies beside the file that asks, in the
 * core's bundle (`core-process.js`) in the folder `cli`, and what runs the one runs the other. The desktop app's core is a file in the
 * archive `app.asar`, run by Electron: root can read no file in an archive and must not start a browser, so there it is the Node
 * and the helper that every package brings beside the archive. Pure.
 */
export function helperProgram({ here, extension, program, platform }: Surroundings): HelperProgram {
  const path = platform === 'win32' ? win32 : posix;
  if (extension !== '.js') return { node: program, helper: path.join(here, `privileged-helper${extension}`) };
  const parts = here.split(path.sep);
  const archive = parts.lastIndexOf('app.asar');
  if (archive === -1) return { node: program, helper: path.join(here, 'cli', 'privileged-helper.mjs') };
  const resources = parts.slice(0, archive).join(path.sep);
  return {
    node: path.join(resources, 'bin', platform === 'win32' ? 'node.exe' : 'node'),
    helper: path.join(resources, 'cli', 'privileged-helper.mjs'),
  };
}
