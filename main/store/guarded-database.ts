import type { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../preload/contract/problem.ts';
import { type DatabaseKind, isDamage, isSqliteError, openDatabase, standIn } from './database-file.ts';

export interface DatabaseOptions {
  /** Hears why the file was begun anew, or why it is not being written. */
  readonly onProblem?: (problem: Problem) => void;
  readonly now?: () => number;
}

/** Milliseconds between two attempts to open a file that could not be opened. */
const tryAgainMs = 10_000;

/**
 * A database whose troubles never stop its user: what fails is told once and answered with a stand-in, a file found damaged is moved aside
 * and begun anew. Where the file cannot be opened (a full disk, a folder that cannot be written), an empty one in memory takes its place
 * until it can. `prepare` makes what is used of it, such as statements, each time it is opened.
 */
export class GuardedDatabase<Sql> {
  readonly #file: string;
  readonly #kind: DatabaseKind;
  readonly #prepare: (database: DatabaseSync) => Sql;
  readonly #onProblem: (problem: Problem) => void;
  readonly #now: () => number;
  #database: DatabaseSync;
  #sql: Sql;
  #told = false;
  /** When to look for the file again; undefined while it is open. */
  #tryAgainAt: number | undefined;

  constructor(
    file: string,
    kind: DatabaseKind,
    prepare: (database: DatabaseSync) => Sql,
    options: DatabaseOptions = {},
  ) {
    this.#file = file;
    this.#kind = kind;
    this.#prepare = prepare;
    this.#onProblem = options.onProblem ?? (() => {});
    this.#now = options.now ?? Date.now;
    [this.#database, this.#sql] = this.#open();
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  get sql(): Sql {
    return this.#sql;
  }

  /** Does something with the database; `otherwise` is the answer where SQLite refuses. Faults of ours are thrown. */
  guard<T>(otherwise: T, body: () => T): T {
    if (this.#tryAgainAt !== undefined && this.#now() >= this.#tryAgainAt) this.#openAnew();
    try {
      const value = body();
      if (this.#tryAgainAt === undefined) this.#told = false;
      return value;
    } catch (error) {
      this.failed(error);
      return otherwise;
    }
  }

  /** Takes note of an error that came while using the database, where {@link guard} cannot stand around it. */
  failed(error: unknown): void {
    if (!isSqliteError(error)) throw error;
    if (isDamage(error)) this.#openAnew({ knownDamaged: true });
    else this.#tell(error);
  }

  close(): void {
    this.#database.close();
  }

  #openAnew(options: { knownDamaged?: boolean } = {}): void {
    this.#database.close();
    [this.#database, this.#sql] = this.#open(options);
  }

  #tell(error: Error): void {
    if (this.#told) return;
    this.#told = true;
    this.#onProblem(this.#kind.notWritten(error.message, this.#file));
  }

  #open(options: { knownDamaged?: boolean } = {}): [DatabaseSync, Sql] {
    try {
      const opened = this.#openFile(options);
      this.#tryAgainAt = undefined;
      return opened;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#tryAgainAt = this.#now() + tryAgainMs;
      this.#tell(error);
      const database = standIn(this.#kind);
      return [database, this.#prepare(database)];
    }
  }

  /** A file whose tables are not as ours is as good as damaged. */
  #openFile(options: { knownDamaged?: boolean }): [DatabaseSync, Sql] {
    const { database, problem } = openDatabase(this.#file, this.#kind, this.#now, options);
    try {
      const sql = this.#prepare(database);
      if (problem) this.#onProblem(problem);
      return [database, sql];
    } catch (error) {
      database.close();
      if (options.knownDamaged === true || !isSqliteError(error)) throw error;
      return this.#openFile({ knownDamaged: true });
    }
  }
}
