import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../preload/contract/problem.ts';
import { migrate, schemaVersion } from './history-schema.ts';

/** SQLite's result codes for a file that is no database any more: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damagedCodes = new Set([11, 26]);

/** Whether an error of SQLite says that the file itself is damaged; extended codes carry the plain one in their low byte. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && damagedCodes.has(code & 0xff);
}

export interface OpenedHistory {
  readonly database: DatabaseSync;
  /** Why history starts anew, where it does. */
  readonly problem?: Problem;
}

/**
 * Opens the database, or makes it. A file that is damaged, or of a newer version of this program, is moved aside whole and history starts
 * anew: measurements are worth less than a core that starts. `knownDamaged` says that it was found damaged while in use.
 */
export function openHistoryFile(
  file: string,
  now: () => number,
  options: { readonly knownDamaged?: boolean } = {},
): OpenedHistory {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (options.knownDamaged) return startAnew(file, now, damaged);
  try {
    const database = openAndCheck(file);
    const found = migrate(database);
    if (found <= schemaVersion) return { database };
    database.close();
    return startAnew(file, now, newer);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return startAnew(file, now, damaged);
  }
}

function openAndCheck(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 2_000, enableForeignKeyConstraints: false });
  try {
    // WAL with NORMAL survives a crash of the program with nothing lost, and a power cut with the last moments lost.
    database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory');
    const check = database.prepare('pragma quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') {
      throw Object.assign(new Error(`The history file is damaged: ${String(check?.['quick_check'])}`), { errcode: 11 });
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

interface Cause {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

const damaged: Cause = {
  code: 'history-damaged',
  why: 'was damaged',
  hint: 'Nothing needs to be done. Delete the file that was moved aside when you do not want to examine it.',
};

const newer: Cause = {
  code: 'history-newer',
  why: 'was written by a newer version of Mirrorfleet',
  hint: 'Update Mirrorfleet, then put the file back while it is stopped.',
};

function startAnew(file: string, now: () => number, cause: Cause): OpenedHistory {
  const aside = `${file}.${cause.code}-${new Date(now()).toISOString().replaceAll(':', '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  const database = openAndCheck(file);
  migrate(database);
  return {
    database,
    problem: {
      code: cause.code,
      message: `The history of measurements ${cause.why}; it was moved to ${aside} and a new one was begun. Nodes, settings and secrets are untouched.`,
      hint: cause.hint,
      retryable: false,
    },
  };
}
