import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDamage, isSqliteError } from './database-file.ts';
import { makePrivateFolder, notWritten } from './private-file.ts';

/** SQLite's result code for a lock that another process holds. */
const busyCode = 5;

/**
 * Lets at most one core per user run. The lock is SQLite's exclusive file lock: the system releases it when the process dies, however
 * it dies, so there is never a stale lock that a person must break. Returns the release function, or undefined while another core runs.
 * Throws `store-not-written` where the file can be neither made nor opened.
 */
export function takeInstanceLock(folder: string): (() => void) | undefined {
  makePrivateFolder(folder);
  const file = join(folder, 'core.lock');
  try {
    return lock(file);
  } catch (error) {
    if (!isDamage(error)) return notWritten(file, error);
    // Nothing ever stands in this file. It is emptied in place: were it removed, two cores could each lock a file of that name.
    truncateSync(file);
    return lock(file);
  }
}

function lock(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // A journal on the disk, though nothing is ever written, would need room on it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (error) {
    database.close();
    if (isSqliteError(error) && 'errcode' in error && error.errcode === busyCode) return undefined;
    throw error;
  }
}
