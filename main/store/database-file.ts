import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../preload/contract/problem.ts';

/** SQLite's result codes for a file that is no database any more: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damagedCodes = new Set([11, 26]);

/** Whether an error of SQLite says that the file itself is damaged; extended codes carry the plain one in their low byte. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && damagedCodes.has(code & 0xff);
}

/** Whether SQLite found tables or a form of file that our own statements do not fit (SQLITE_ERROR): damage too, where they fitted before. */
function isOtherForm(error: unknown): boolean {
  return isSqliteError(error) && 'errcode' in error && error.errcode === 1;
}

/** Whether SQLite itself refused: anything else is a fault of ours. */
export function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

/** Why a file was begun anew, as its Problem says it. */
interface Cause {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

/** What a database file holds: its tables as migrations, and what is said where it had to be begun anew. */
export interface DatabaseKind {
  readonly damaged: Cause;
  readonly newer: Cause;
  /** What is said where the file cannot be written at present; the reason is SQLite's own. */
  readonly notWritten: (reason: string, file: string) => Problem;
  /** As the subject of a sentence: `The history of measurements`. */
  readonly name: string;
  /** One entry for each version; entries are never edited once released, only added. Each runs once, in one transaction. */
  readonly migrations: readonly string[];
  /** Whether a commit waits for the disk: `full` survives a power cut, `normal` a crash of the program only. */
  readonly synchronous: 'normal' | 'full';
}

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** Why the file was begun anew, where it was. */
  readonly problem?: Problem;
}

/**
 * Opens a database, or makes it. A file that is damaged, or of a newer version of this program, is moved aside whole and begun anew: what
 * is in it is worth less than a core that starts. One of an older version is kept beside it as it was. `knownDamaged` says that it was
 * found damaged while in use. Throws what SQLite or the file system says where the file can be neither used nor made.
 */
export function openDatabase(
  file: string,
  kind: DatabaseKind,
  now: () => number,
  options: { readonly knownDamaged?: boolean } = {},
): OpenedDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (options.knownDamaged) return startAnew(file, kind, now, kind.damaged);
  try {
    const { database, found } = openNewest(file, kind);
    if (found <= kind.migrations.length) return { database };
    database.close();
    return startAnew(file, kind, now, kind.newer);
  } catch (error) {
    if (!isDamage(error) && !isOtherForm(error)) throw error;
    return startAnew(file, kind, now, kind.damaged);
  }
}

/** A database in memory, for as long as its file cannot be used. */
export function standIn(kind: DatabaseKind): DatabaseSync {
  return openNewest(':memory:', kind).database;
}

/** Opens a file that is whole and brings it to the newest version; `found` is the one that it had. */
function openNewest(file: string, kind: DatabaseKind): { database: DatabaseSync; found: number } {
  const database = new DatabaseSync(file, { timeout: 2_000, enableForeignKeyConstraints: false });
  try {
    // WAL with NORMAL survives a crash of the program with nothing lost, and a power cut with the last moments lost.
    database.exec(`pragma journal_mode = wal; pragma synchronous = ${kind.synchronous}; pragma temp_store = memory`);
    const check = database.prepare('pragma quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') {
      throw Object.assign(new Error(`${kind.name} is damaged: ${String(check?.['quick_check'])}`), { errcode: 11 });
    }
    return { database, found: migrate(database, file, kind.migrations) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Brings a file to the newest version and says which one it had. A newer one is left untouched. */
function migrate(database: DatabaseSync, file: string, migrations: readonly string[]): number {
  const row = database.prepare('pragma user_version').get();
  const found = typeof row?.['user_version'] === 'number' ? row['user_version'] : 0;
  if (found > 0 && found < migrations.length) keepAsItWas(database, `${file}.version-${found}`);
  for (const [index, statements] of migrations.entries()) {
    if (index < found) continue;
    database.exec(`begin immediate; ${statements} pragma user_version = ${index + 1}; commit`);
  }
  return found;
}

/** Writes a whole copy. One that is there already was left by a migration that did not come to its end. */
function keepAsItWas(database: DatabaseSync, copy: string): void {
  rmSync(copy, { force: true });
  database.prepare('vacuum into ?').run(copy);
}

function startAnew(file: string, kind: DatabaseKind, now: () => number, cause: Cause): OpenedDatabase {
  const aside = `${file}.${cause.code}-${new Date(now()).toISOString().replaceAll(':', '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return {
    database: openNewest(file, kind).database,
    problem: {
      code: cause.code,
      message: `${kind.name} ${cause.why}; it was moved to ${aside} and a new one was begun. Nodes, settings and secrets are untouched.`,
      hint: cause.hint,
      retryable: false,
    },
  };
}
