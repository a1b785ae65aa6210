import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../../preload/contract/problem.ts';

/** What the pages are built from, below the checkout. */
const sources = ['renderer', 'preload/contract', 'resources', 'package-lock.json'];

/**
 * Builds the pages of a checkout where they are missing or older than what they are made of (about a second). A packaged program has no
 * sources and brings its pages. Throws `pages-not-built` with what the build said.
 */
export async function buildPagesIfOld(checkout = resolve(import.meta.dirname, '../..')): Promise<void> {
  const built = join(checkout, 'out/pages/index.html');
  if (!existsSync(join(checkout, 'renderer/index.html'))) return;
  if (existsSync(built) && newest(checkout) <= statSync(built).mtimeMs) return;
  const vite = join(checkout, 'node_modules/vite/bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--config', join(checkout, 'renderer/vite.config.ts')], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number>((done) => {
    child.once('error', (error) => {
      said += error.message;
      done(127);
    });
    child.once('close', (ended) => done(ended ?? 1));
  });
  if (code === 0) return;
  fail({
    code: 'pages-not-built',
    message: 'The pages could not be built, so they are not served.',
    hint: 'See why: npm run build:pages. The command line works without them: mirrorfleet serve --headless',
    detail: { output: said.trim().slice(-2000) },
  });
}

/** When the last of the sources was changed, in ms since 1970. */
function newest(checkout: string): number {
  return sources
    .map((each) => join(checkout, each))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
        : [path],
    )
    .reduce((latest, path) => Math.max(latest, statSync(path).mtimeMs), 0);
}
