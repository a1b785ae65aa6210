import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problemOf } from '../preload/contract/problem.ts';
import { type Build, buildIfOld } from './endpoints/build-if-old.ts';
import { buildPagesIfOld } from './endpoints/build-pages.ts';
import { runUntilEnded } from './serve.ts';
import { createOutput } from './terminal/output.ts';

const vite = 'node_modules/vite/bin/vite.js';

/** What a checkout makes of the desktop app before it opens it, as `npm run build:desktop` does. */
export const desktop: Build = {
  makes: ['out/desktop/desktop.cjs', 'out/desktop/bridge.cjs', 'out/desktop/icons/app-1024.png'],
  sources: ['main', 'preload', 'resources', 'package-lock.json'],
  steps: [
    [vite, 'build', '--config', 'main/shell/vite.config.ts', '--mode', 'shell'],
    [vite, 'build', '--config', 'main/shell/vite.config.ts', '--mode', 'bridge'],
    ['main/shell/draw-icons.ts', 'out/desktop/icons'],
  ],
  problem: {
    code: 'desktop-not-built',
    message: 'The desktop app could not be built, so it is not opened.',
    hint: 'See why: npm run build:desktop. The pages work in a browser without it: npm run start:browser',
    retryable: false,
  },
};

/** What decides which door of a checkout is opened. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** -1 where the system has no such numbers. */
  readonly uid: number;
  /** Electron's program; undefined where it is not installed. */
  readonly electron: string | undefined;
  readonly display: boolean;
}

/** The door that `npm start` opens. */
export type Opening =
  | { readonly door: 'desktop'; readonly electron: string }
  | { readonly door: 'browser'; readonly because: string };

/** The desktop app wherever it can run, the pages in a browser elsewhere. Pure. */
export function opening({ platform, uid, electron, display }: Surroundings): Opening {
  const because = (reason: string): Opening => ({ door: 'browser', because: reason });
  if (electron === undefined) return because("Electron's runtime is not here (npx install-electron brings it)");
  if (platform !== 'linux') return { door: 'desktop', electron };
  if (!display) return because('there is no display');
  // As root Electron runs without its sandbox or not at all.
  if (uid === 0) return because('its sandbox is not for root');
  return { door: 'desktop', electron };
}

/** Electron's program in a checkout, without asking its package: that one downloads what is missing. `chosen` is another one. */
export function electronOf(checkout: string, chosen: string | undefined): string | undefined {
  const folder = join(checkout, 'node_modules/electron');
  const named = join(folder, 'path.txt');
  const program = chosen ?? (existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8').trim()) : undefined);
  return program !== undefined && existsSync(program) ? program : undefined;
}

/**
 * Runs the desktop app of a checkout until it ends, and gives its exit code. Its core runs from the sources on the Node that runs this:
 * what a change does is seen at the next start.
 */
export async function runDesktop(electron: string, checkout: string, args: readonly string[]): Promise<number> {
  const child = spawn(electron, [checkout, ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      MIRRORFLEET_NODE: process.execPath,
      MIRRORFLEET_CORE: join(checkout, 'main/core-process.ts'),
    },
  });
  // A terminal's Ctrl-C reaches the app by itself; this waits for it to end in order.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => ended(code ?? 1));
  });
}

/** `npm start`: the desktop app of this checkout or, where that cannot be opened, one line that says why, and its pages in a browser. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = createOutput({ out: process.stdout, err: process.stderr }, { json: false, env: process.env });
  const checkout = resolve(import.meta.dirname, '..');
  const chosen = opening({
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    electron: electronOf(checkout, process.env['MIRRORFLEET_ELECTRON']),
    display: Boolean(process.env['WAYLAND_DISPLAY'] || process.env['DISPLAY']),
  });
  try {
    if (chosen.door === 'desktop') {
      await buildPagesIfOld(checkout);
      await buildIfOld(desktop, checkout);
      process.exitCode = await runDesktop(chosen.electron, checkout, process.argv.slice(2));
    } else {
      output.line(`The desktop app is not opened, because ${chosen.because}; here are its pages for a browser.`);
      await runUntilEnded(output, { headless: false, port: 0 });
    }
  } catch (error) {
    output.problem(problemOf(error));
    process.exitCode = 1;
  }
}
