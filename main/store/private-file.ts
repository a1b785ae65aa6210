import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { fail } from '../../preload/contract/problem.ts';

/**
 * Replaces a private (0600) file of ours in one rename, on disk before the call returns: whatever happens meanwhile, the file is the old
 * or the new one, whole. A symbolic link stays, its target is replaced. Throws `store-not-written`.
 *
 * Not by `conf` or `atomically`: on a disk that is nearly full they put a cut-off file in the place of the old one without a word,
 * because they write once and do not look at how much was taken (measured with atomically 2.1.1).
 */
export function replacePrivateFile(file: string, text: string): void {
  let temp: string | undefined;
  try {
    fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const target = fs.existsSync(file) ? fs.realpathSync(file) : file;
    // One name, so that what a process that was killed has left is written over by the next one; only one core ever writes.
    temp = `${target}.new`;
    fs.rmSync(temp, { force: true });
    fs.writeFileSync(temp, text, { mode: 0o600, flag: 'wx', flush: true });
    fs.renameSync(temp, target);
    temp = undefined;
    syncFolder(dirname(target));
  } catch (error) {
    notWritten(file, error);
  } finally {
    if (temp !== undefined) discard(temp);
  }
}

/** Removes a file of ours, and with it what a process that was killed had begun to write in its place; throws `store-not-written`. */
export function removePrivateFile(file: string): void {
  try {
    fs.rmSync(file, { force: true });
    removeBegun(file);
  } catch (error) {
    notWritten(file, error);
  }
}

/**
 * The text of a file of ours, undefined where there is none. Throws `store-unreadable` for what is there and cannot be read, a link that
 * leads nowhere among it: behind it may be a disk that is not mounted at present.
 */
export function readPrivateFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isAbsent(error) && fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    return unreadable(file, error instanceof Error ? error.message : String(error), error);
  }
}

/** Makes a private (0700) folder of ours where there is none; throws `store-not-written`. */
export function makePrivateFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    notWritten(folder, error);
  }
}

/** Refuses a file of ours whose content does not serve. */
export function unreadable(file: string, reason: string, cause?: unknown): never {
  return fail(
    {
      code: 'store-unreadable',
      message: `${file} cannot be read; it was left as it is.`,
      hint: 'Correct the file or move it aside, then start again.',
      detail: { reason },
    },
    { cause },
  );
}

/** Refuses a file of ours that a newer version wrote: what this one does not know of it, it would lose. */
export function writtenByNewer(file: string): never {
  return fail({
    code: 'store-newer',
    message: `${file} was written by a newer version of Mirrorfleet; it was left as it is.`,
    hint: 'Update Mirrorfleet. To go on with this version, move the file aside and keep it for then.',
  });
}

/** Says that a file of ours cannot be written, where that is what the error is about; a fault of ours is thrown on. */
export function notWritten(file: string, error: unknown): never {
  if (!(error instanceof Error && 'code' in error)) throw error;
  return fail(
    {
      code: 'store-not-written',
      message: `${file} could not be written: ${error.message}. It is as it was.`,
      hint: 'Make room on its disk, or look at the rights of the file and its folder; then try again.',
      retryable: true,
      detail: { reason: error.message },
    },
    { cause: error },
  );
}

/** Takes away what a process that was killed had begun to write in a file's place; for a start, when nobody else writes. */
export function removeBegun(file: string): void {
  discard(`${file}.new`);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A rename is only safe from a power cut once its folder is on disk; Windows cannot and need not do this. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** The half of a file that found no room, which takes the room that is left. */
function discard(temp: string): void {
  try {
    fs.rmSync(temp, { force: true });
  } catch {
    // A folder that cannot be written has no such half.
  }
}
