import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { electronRuntime } from '../lab/artefacts.ts';
import { mustRun } from '../lab/command.ts';

const checkout = resolve(import.meta.dirname, '../..');
const folder = join(checkout, 'out/electron-22');

/** The app as the tests run it: its files as in a package, in a folder of the older Electron that runs here. */
export const appFolder = {
  /** The program to start. */
  electron: join(folder, 'electron'),
  /** The tray's pictures. */
  icons: join(folder, 'resources/app/out/desktop/icons'),
  /** What a window's page is given by the shell. */
  bridge: join(folder, 'resources/app/out/desktop/bridge.cjs'),
  /** The Node that the core runs on, and the core as source. */
  node: join(checkout, 'node_modules/.bin/node'),
  core: join(checkout, 'main/core-process.ts'),
} as const;

/**
 * Builds everything that is shown and run, and puts it together. The core is not among it: Electron 22's own Node is too old for it, so it
 * runs from its sources on the Node of the checkout.
 */
export async function buildAppFolder(): Promise<void> {
  await Promise.all([
    bundle('renderer/vite.config.ts', 'chrome108'),
    bundle('main/shell/vite.config.ts', 'shell-node16'),
    bundle('main/shell/vite.config.ts', 'bridge'),
    drawIcons(),
  ]);
  if (!existsSync(appFolder.electron)) await mustRun(['cp', '-a', `${await electronRuntime()}/.`, `${folder}/`]);
  await putApp(join(folder, 'resources/app'));
}

/** The Electron of an app that does next to nothing (bare-app.ts), to be measured beside ours. */
export async function bareApp(): Promise<string> {
  const bare = join(checkout, 'out/electron-22-bare');
  if (!existsSync(join(bare, 'electron'))) await mustRun(['cp', '-a', `${await electronRuntime()}/.`, `${bare}/`]);
  await putProgram('test/desktop/bare-app.ts', join(bare, 'resources/app'), 'main.cjs');
  return join(bare, 'electron');
}

/** A small core for Electron's own, old Node (utility-core.ts): the module of a utility process. */
export async function utilityCore(): Promise<string> {
  const out = join(folder, 'resources/utility-core');
  await bundleForElectron('test/desktop/utility-core.ts', out, 'core.cjs');
  return join(out, 'core.cjs');
}

/** Bundles a program of the tests for Electron 22 and makes it the app of that folder. */
async function putProgram(source: string, app: string, file: string): Promise<void> {
  await bundleForElectron(source, app, file);
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'bare', version: '0.1.0', main: file }));
}

async function bundleForElectron(source: string, outDir: string, file: string): Promise<void> {
  await build({
    root: checkout,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      target: 'node16',
      outDir,
      emptyOutDir: false,
      rolldownOptions: { input: source, output: { format: 'cjs', entryFileNames: file, codeSplitting: false } },
    },
  });
}

async function putApp(app: string): Promise<void> {
  await rm(app, { recursive: true, force: true });
  await mkdir(join(app, 'out/desktop'), { recursive: true });
  const about = { name: 'mirrorfleet', productName: 'Mirrorfleet', version: '0.1.0', main: 'start.cjs' };
  await writeFile(join(app, 'package.json'), JSON.stringify(about));
  await writeFile(join(app, 'start.cjs'), "require('./held-start.cjs');\nrequire('./out/desktop/desktop.cjs');\n");
  await cp(join(checkout, 'out/pages-chrome108'), join(app, 'out/pages'), { recursive: true });
  await cp(join(checkout, 'out/desktop'), join(app, 'out/desktop'), { recursive: true });
  await cp(join(checkout, 'out/desktop-node16/desktop.cjs'), join(app, 'out/desktop/desktop.cjs'));
  await bundleForElectron('test/desktop/held-start.ts', app, 'held-start.cjs');
}

const drawIcons = (): Promise<string> =>
  mustRun([process.execPath, 'main/shell/draw-icons.ts', 'out/desktop/icons'], { cwd: checkout });

async function bundle(config: string, mode: string): Promise<void> {
  const vite = ['vite', 'build', '--logLevel', 'warn', '--config', config, '--mode', mode];
  await mustRun(['npx', '--no', ...vite], { cwd: checkout });
}
