/**
 * Files of root as the privileged helper touches them: which paths are ours, what is there, replacing in one move with every attribute
 * kept, and backups that only root can read. Part of the privileged program: `node:` imports only.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { badRequest, limits, refuse, Refusal } from './privileged-request.ts';

/** Where a link at an allowed path may lead: a plain name in the same directory. */
const linkTarget = /^\/etc\/(?:docker|containerd)\/[a-z0-9][a-z0-9._-]{0,100}\.(?:json|toml)$/i;
export const store = '/var/lib/mirrorfleet/backups';
/** How the folder of a backup ends while it is being made or thrown away: one that a full disk or a crash left so holds nothing that counts. */
const young = '.new';
/** How a file is called while it is being made, beside the one that it replaces. */
const unfinished = /^\.[a-z0-9][a-z0-9._-]*\.(?:json|toml|crt|cert|key|conf)\.[0-9a-f]{18}$/i;
export const isUnfinished = (name: string): boolean => unfinished.test(name);
export const unfinishedName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(9).toString('hex')}`);

/** A program of ours says nothing and is out of reach of a terminal's Ctrl-C, which must not end it half-way. */
export const apart = { stdio: 'ignore', detached: true } as const;

export interface Stat {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly mtimeMs: number;
}
export interface Found {
  readonly real: string;
  readonly bytes: Buffer | undefined;
  readonly stat: Stat | undefined;
}
export interface Saved {
  readonly path: string;
  readonly stat: Stat | null;
}
export interface Backup {
  readonly files: readonly Saved[];
  readonly createdDirs: readonly string[];
}

export const sha256 = (bytes: Buffer | undefined): string =>
  bytes === undefined ? 'absent' : createHash('sha256').update(bytes).digest('hex');
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Every directory above belongs to root, is no link and cannot be written by others: nobody can swap what we are about to write. */
function checkDirectories(path: string): void {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const stat = fs.lstatSync(dir, { throwIfNoEntry: false });
    if (
      stat !== undefined &&
      // Not even with the sticky bit: a name that is still free there can be taken as a link before we take it.
      (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0)
    )
      refuse(
        'path-not-safe',
        `${dir} is a link, or others than root may write in it. Nothing was changed.`,
        `Make ${dir} a directory of root with mode 0755.`,
      );
    if (dir === '/') return;
  }
}

/** What is at an allowed path, following a link only to a neighbour. */
export function find(path: string): Found {
  checkDirectories(path);
  const link = fs.lstatSync(path, { throwIfNoEntry: false });
  if (link === undefined) return { real: path, bytes: undefined, stat: undefined };
  let real = path;
  if (link.isSymbolicLink()) {
    try {
      real = fs.realpathSync(path);
    } catch {
      return refuse(
        'path-not-safe',
        `${path} is a link that leads nowhere. Nothing was changed.`,
        'Repair or remove the link.',
      );
    }
    if (dirname(real) !== dirname(path) || !linkTarget.test(real))
      refuse(
        'path-not-safe',
        `${path} is a link to ${real}, which is not ours to write. Nothing was changed.`,
        'Change the file it leads to by its own means.',
      );
  }
  let fd: number;
  try {
    fd = fs.openSync(real, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch (error) {
    return refuse('path-not-safe', `${real} could not be opened (${(error as Error).message}). Nothing was changed.`);
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.nlink > 1 || stat.size > limits.fileBytes)
      refuse(
        'path-not-safe',
        `${real} is not a plain file of ordinary size with one name. Nothing was changed.`,
        'Look at the file by hand.',
      );
    const { uid, gid, mode, mtimeMs } = stat;
    return { real, bytes: fs.readFileSync(fd), stat: { uid, gid, mode: mode & 0o7777, mtimeMs } };
  } finally {
    fs.closeSync(fd);
  }
}

function syncDirectory(dir: string): void {
  const fd = fs.openSync(dir, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

export function makeDirectory(dir: string, mode: number, created: string[]): void {
  if (fs.existsSync(dir)) return;
  makeDirectory(dirname(dir), mode, created);
  fs.mkdirSync(dir, { mode });
  fs.chmodSync(dir, mode);
  created.push(dir);
}

/** Replaces or creates the file in one move, with the attributes of the one before; a file that cannot be renamed over is written in place. */
export function put(found: Found, bytes: Buffer, stat: Stat | undefined, mode: number): void {
  sweep(dirname(found.real));
  const temp = unfinishedName(found.real);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_TRUNC } = fs.constants;
  const fd = fs.openSync(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fs.writeFileSync(fd, bytes);
    // Node has no call for extended attributes (SELinux, ACL); where cp does not know the option, owner and mode below still hold.
    if (found.stat !== undefined)
      spawnSync('/bin/cp', ['--attributes-only', '--preserve=all', '--no-dereference', '-T', '--', found.real, temp], {
        ...apart,
        env: {},
      });
    fs.fchownSync(fd, stat?.uid ?? 0, stat?.gid ?? 0);
    fs.fchmodSync(fd, mode);
    const now = new Date();
    fs.futimesSync(fd, now, now);
    fs.fsyncSync(fd);
    try {
      fs.renameSync(temp, found.real);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
      // A single file that is bind-mounted cannot be replaced; the backup is already on disk.
      const inPlace = fs.openSync(found.real, O_WRONLY | O_TRUNC | O_NOFOLLOW);
      fs.writeFileSync(inPlace, bytes);
      fs.fsyncSync(inPlace);
      fs.closeSync(inPlace);
    }
  } finally {
    fs.closeSync(fd);
    fs.rmSync(temp, { force: true });
  }
  syncDirectory(dirname(found.real));
  const after = find(found.real);
  if (sha256(after.bytes) !== sha256(bytes)) throw new Error(`${found.real} does not hold what was written`);
}

/** Takes away what a process that was killed had begun to write in a directory: it may hold a key, and the directory would stay. */
function sweep(dir: string): void {
  if (!fs.existsSync(dir)) return;
  for (const entry of fs.readdirSync(dir, { withFileTypes: true }))
    if (entry.isFile() && isUnfinished(entry.name)) fs.rmSync(join(dir, entry.name), { force: true });
}

export function remove(found: Found, directories: readonly string[]): void {
  sweep(dirname(found.real));
  fs.rmSync(found.real, { force: true });
  removeEmpty(dirname(found.real), directories);
}

/** Removes a directory and those above it, as long as they are empty and among those named. */
function removeEmpty(directory: string, directories: readonly string[]): void {
  for (let dir = directory; directories.includes(dir); dir = dirname(dir)) {
    try {
      fs.rmdirSync(dir);
    } catch {
      return;
    }
  }
}

/** Removes what a process that was killed left of its work: files that were being made beside these, and directories of ours that stayed empty. */
export function removeUnfinished(paths: readonly string[], directories: readonly string[]): void {
  for (const dir of new Set(paths.map((path) => dirname(path)))) sweep(dir);
  for (const dir of directories) removeEmpty(dir, directories);
}

/** Throws a backup away: as a whole, so that half of one never stands for one. */
export function discard(id: string): void {
  const folder = backupFolder(id);
  discardHalf(id);
  if (!fs.existsSync(folder)) return;
  fs.renameSync(folder, `${folder}${young}`);
  discardHalf(id);
}

/** Removes what is left of a backup that was being made or thrown away. */
export function discardHalf(id: string): void {
  fs.rmSync(`${backupFolder(id)}${young}`, { recursive: true, force: true });
}

export function backupFolder(id: string): string {
  checkDirectories(join(store, id));
  return join(store, id);
}

export function readBackup(id: string): Backup {
  try {
    return JSON.parse(fs.readFileSync(join(backupFolder(id), 'backup.json'), 'utf8')) as Backup;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse(
      'backup-missing',
      `There is no backup ${id} in ${store}. Nothing was changed.`,
      'Restore the file by hand.',
    );
  }
}

/** Ids of the backups that are whole. */
export function backups(): string[] {
  if (!fs.existsSync(store)) return [];
  return fs
    .readdirSync(store)
    .filter((name) => !name.endsWith(young))
    .toSorted();
}

/** Directories that some switch created and so may be removed when they are empty. */
export function ourDirectories(): string[] {
  return backups().flatMap((id) => readBackup(id).createdDirs);
}

export function save(
  id: string,
  files: readonly { path: string; found: Found }[],
  createdDirs: readonly string[],
): void {
  const folder = backupFolder(id);
  if (fs.existsSync(folder)) badRequest('that backup exists already');
  const making = `${folder}${young}`;
  const content: [string, Buffer | string][] = files.flatMap(({ found }, at) =>
    found.bytes === undefined ? [] : [[`${at}`, found.bytes]],
  );
  const backup: Backup = { files: files.map(({ path, found }) => ({ path, stat: found.stat ?? null })), createdDirs };
  try {
    makeDirectory(store, 0o700, []);
    fs.mkdirSync(making, { mode: 0o700 });
    for (const [name, bytes] of [...content, ['backup.json', JSON.stringify(backup)] as const])
      fs.writeFileSync(join(making, name), bytes, { mode: 0o600, flag: 'wx', flush: true });
    syncDirectory(making);
    fs.renameSync(making, folder);
    syncDirectory(store);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    refuse(
      'privileged-write-failed',
      `No backup could be made in ${store}: ${(error as Error).message}. Nothing was changed.`,
      'Look at the disk and the named path.',
    );
  }
}

export function expectUnchanged(path: string, found: Found, expect: string): void {
  if (sha256(found.bytes) !== expect)
    refuse(
      'file-changed-since-preview',
      `${path} is no longer what the preview saw. Nothing was changed.`,
      'Preview the switch again.',
    );
}

export function restoreFile(
  path: string,
  bytes: Buffer | undefined,
  stat: Stat | undefined,
  directories: readonly string[],
): void {
  const found = find(path);
  if (bytes === undefined) return remove(found, directories);
  makeDirectory(dirname(path), 0o755, []);
  put(found, bytes, stat, stat?.mode ?? 0o600);
  if (stat !== undefined) fs.utimesSync(found.real, Date.now() / 1000, stat.mtimeMs / 1000);
}
