import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from './command.ts';
import { withFileLock } from './file-lock.ts';

/** The folder of finished artefacts; `XDG_CACHE_HOME` moves it. Safe to delete while no lab runs. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mirrorfleet-lab');
}

/**
 * Returns the folder `<cache>/<key>`, building it first if it is missing.
 * `build` fills a folder with a temporary name that is renamed when complete, so a killed build leaves no
 * half artefact; what such a build left is removed before the next one. Concurrent callers wait for one build.
 */
export async function cachedBuild(key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const finished = join(cacheFolder(), key);
  if (existsSync(finished)) return finished;
  return withFileLock(join(cacheFolder(), `${key}.lock`), async () => {
    if (existsSync(finished)) return finished;
    const partial = join(cacheFolder(), `${key}.partial`);
    await mustRun(['rm', '-rf', '--one-file-system', partial]);
    await mkdir(partial, { recursive: true });
    process.stderr.write(`lab: building ${key} (once, kept in ${cacheFolder()})\n`);
    const started = Date.now();
    await build(partial);
    await rename(partial, finished);
    process.stderr.write(`lab: ${key} ready after ${Math.round((Date.now() - started) / 1000)} s\n`);
    return finished;
  });
}
