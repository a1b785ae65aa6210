import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { FileFound, ReplaceOptions } from './host.ts';
import { failWith, hashOf } from './remote-files.ts';
import { errorCode } from './ssh-problems.ts';

/** As many links in a row as Linux follows. */
const mostLinks = 40;

/** Reads a file of this computer with its facts; undefined where there is none. */
export async function readLocalFile(name: string, path: string, maxBytes: number): Promise<FileFound | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const facts = await file.stat();
    if (facts.isDirectory()) failWith('not-a-file', 'read', name, path);
    if (facts.size > maxBytes) failWith(`too-large ${facts.size}`, 'read', name, path);
    const bytes = await file.readFile();
    return { bytes, mode: facts.mode & 0o7777, uid: facts.uid, gid: facts.gid, hash: hashOf(bytes) };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return refuse(error, 'read', name, path);
  } finally {
    await file?.close();
  }
}

/**
 * Replaces a file of this computer in one rename: temp file in the same folder, bytes on disk, mode and owner (the old ones unless
 * given), the expected hash checked right before. A symbolic link stays, its target is replaced.
 */
export async function replaceLocalFile(
  name: string,
  path: string,
  bytes: Uint8Array,
  options: ReplaceOptions,
): Promise<void> {
  let temp: string | undefined;
  try {
    const target = await followed(path);
    const folder = dirname(target);
    const old = await stat(target).catch(absent);
    if (old?.isDirectory()) failWith('not-a-file', 'replace', name, path);
    if ((await stat(folder).catch(absent)) === undefined) failWith('no-folder', 'replace', name, path);
    const owner = options.owner ?? old;
    const fresh = join(folder, `.mirrorfleet.${randomBytes(6).toString('hex')}`);
    const file = await open(fresh, 'wx', 0o600);
    temp = fresh;
    try {
      await file.writeFile(bytes);
      const made = await file.stat();
      if (owner !== undefined && (made.uid !== owner.uid || made.gid !== owner.gid))
        await file.chown(owner.uid, owner.gid);
      await file.chmod(options.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.expect !== undefined) {
      const now = await readFile(target).then(hashOf).catch(absent);
      if ((now ?? 'absent') !== options.expect) failWith(`changed ${now ?? 'absent'}`, 'replace', name, path);
    }
    await rename(fresh, target);
    temp = undefined;
    await syncFolder(folder);
  } catch (error) {
    refuse(error, 'replace', name, path);
  } finally {
    if (temp !== undefined) await rm(temp, { force: true });
  }
}

/** Removes a file of this computer; a link is removed, not what it points to. */
export async function removeLocalFile(name: string, path: string): Promise<void> {
  try {
    const found = await lstat(path).catch(absent);
    if (found?.isDirectory()) failWith('not-a-file', 'remove', name, path);
    await rm(path, { force: true });
  } catch (error) {
    refuse(error, 'remove', name, path);
  }
}

/** Where a path leads when its links are followed, also when the last one's target does not exist yet. */
async function followed(path: string): Promise<string> {
  let target = path;
  for (let hops = 0; hops < mostLinks; hops++) {
    const found = await lstat(target).catch(absent);
    if (found?.isSymbolicLink() !== true) return target;
    const next = await readlink(target);
    // Not joined: that would resolve `..` by words, which is wrong behind a linked folder.
    target = isAbsolute(next) ? next : `${dirname(target)}/${next}`;
  }
  return target;
}

/** A rename is only safe from a power cut once its folder is on disk; Windows cannot and need not do this. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function absent(error: unknown): undefined {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EISDIR: 'not-a-file',
  ENOENT: 'no-folder',
  ENOTDIR: 'no-folder',
};

function refuse(error: unknown, verb: 'read' | 'replace' | 'remove', name: string, path: string): never {
  const word = words[errorCode(error) ?? ''];
  if (word === undefined) throw error;
  return failWith(error instanceof Error ? `${word} ${error.message}` : word, verb, name, path);
}
