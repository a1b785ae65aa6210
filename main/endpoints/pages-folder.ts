import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fail } from '../../preload/contract/problem.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/** One file of the built pages. `lasting`: its name holds its content's hash, so that it never changes. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly lasting: boolean;
}

/** Where the built pages lie: beside a bundled program, or in `out/pages` of the checkout whose sources run. */
export function pagesFolder(file = import.meta.filename): string {
  const here = dirname(file);
  return extname(file) === '.ts' ? resolve(here, '../../out/pages') : join(here, 'pages');
}

/** Folder by folder: a package's archive and the Node of older Electrons do not list folders in folders. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * Every file of the built pages by its path in the address (`/assets/index-abc.js`), read once: what is not in the map is not served,
 * whatever a path tries to climb to. Throws `pages-missing` where they were not built.
 */
export function readPages(folder: string): ReadonlyMap<string, PageFile> {
  try {
    const pages = new Map(
      filesBelow(folder).map((path) => {
        const address = `/${relative(folder, path).split(sep).join('/')}`;
        const file: PageFile = {
          type: types[extname(path)] ?? 'application/octet-stream',
          bytes: readFileSync(path),
          lasting: address.startsWith('/assets/'),
        };
        return [address, file] as const;
      }),
    );
    if (pages.has('/index.html')) return pages;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return fail({
    code: 'pages-missing',
    message: `The pages were not built: there is no ${join(folder, 'index.html')}. The core itself runs.`,
    hint: 'Build them: npm run build:pages',
  });
}
