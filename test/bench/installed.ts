import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../..');
const node = `${checkout}/node_modules/.bin/node`;
const bundle = `${checkout}/out/cli/cli.mjs`;

/** The command line as a package installs it: the bundle that `npm run build` makes, run as `resources/package/bin/mirrorfleet` runs it. */
export const installed: readonly string[] = [node, bundle];

/** The flags by which that launcher starts a core which runs for long. */
export const coreFlags: readonly string[] =
  readFileSync(`${checkout}/resources/package/bin/mirrorfleet`, 'utf8').match(/--[a-z-]+=\d+/g) ?? [];

/** The installed `mirrorfleet serve --headless`: a core whose only door is the local socket. */
export const serveWords: readonly string[] = [node, ...coreFlags, bundle, 'serve', '--headless'];
