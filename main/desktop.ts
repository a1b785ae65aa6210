import { homedir } from 'node:os';
import { join } from 'node:path';
import { readPages } from './endpoints/pages-folder.ts';
import { runShell } from './shell/shell.ts';
import { pathsOf } from './store/paths.ts';

/** The desktop door: Electron's main process. The bundle lies in `out/desktop`; what it starts and shows lies beside and above it. */
const here = import.meta.dirname;
const node = process.env['MIRRORFLEET_NODE'];
const module = process.env['MIRRORFLEET_CORE'] ?? join(here, '..', 'core-process.js');

const paths = pathsOf(process.env, process.platform, homedir());

runShell({
  socket: paths.socket,
  coreLog: join(paths.log, 'core.log'),
  settingsFolder: paths.config,
  bridge: join(here, 'bridge.cjs'),
  userData: join(paths.data, 'desktop'),
  pages: () => readPages(join(here, '..', 'pages')),
  icons: join(here, 'icons'),
  core: node ? { kind: 'node', program: node, module } : { kind: 'utility', module },
  args: process.argv.slice(1),
});
