import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Build, buildIfOld } from './build-if-old.ts';

const pages: Build = {
  makes: ['out/pages/index.html'],
  sources: ['renderer', 'preload/contract', 'resources', 'package-lock.json'],
  steps: [['node_modules/vite/bin/vite.js', 'build', '--config', 'renderer/vite.config.ts']],
  problem: {
    code: 'pages-not-built',
    message: 'The pages could not be built, so they are not served.',
    hint: 'See why: npm run build:pages. The command line works without them: mirrorfleet serve --headless',
    retryable: false,
  },
};

/**
 * Builds the pages of a checkout where they are missing or older than what they are made of. A packaged program has no sources and brings
 * its pages. Throws `pages-not-built` with what the build said.
 */
export async function buildPagesIfOld(checkout = resolve(import.meta.dirname, '../..')): Promise<void> {
  if (existsSync(join(checkout, 'renderer/index.html'))) await buildIfOld(pages, checkout);
}
