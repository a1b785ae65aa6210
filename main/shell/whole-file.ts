import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file in one rename, so that it is the old or the new one, whole, whatever happens meanwhile; a link stays, its target is
 * replaced. Throws what the file system says. The store of the preferences cannot be left to do it: on a disk that is nearly full it puts
 * a cut-off file in the place of the old one without a word (measured with atomically 2.1.1).
 */
export function replaceWhole(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const target = linkedTo(file);
  const temp = `${target}.new`;
  try {
    rmSync(temp, { force: true });
    writeFileSync(temp, text, { mode, flag: 'wx', flush: true });
    renameSync(temp, target);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
}

function linkedTo(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
