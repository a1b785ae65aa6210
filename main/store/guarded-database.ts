import type { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../preload/contract/problem.ts';
import { type DatabaseKind, isDamage, isSqliteError, openDatabase } from './database-file.ts';

export interface DatabaseOptions {
  /** Hears why the file was begun anew, or why it is not being written. */
  readonly onProblem?: (problem: Problem) => void;
  readonly now?: () => number;
}

/**
 * A database whose troubles never stop its user: what fails is told once and answered with a stand-in, a file found damaged is moved aside
 * and begun anew. `prepare` makes what is used of it, such as statements, each time it is opened.
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

  /** Opens or makes the file. Throws only for what no new file would cure, such as a folder that cannot be written. */
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
    this.#database = this.#open();
    this.#sql = prepare(this.#database);
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  get sql(): Sql {
    return this.#sql;
  }

  /** Does something with the database; `otherwise` is the answer where SQLite refuses. Faults of ours are thrown. */
  guard<T>(otherwise: T, body: () => T): T {
    try {
      const value = body();
      this.#told = false;
      return value;
    } catch (error) {
      this.failed(error);
      return otherwise;
    }
  }

  /** Takes note of an error that came while using the database, where {@link guard} cannot stand around it. */
  failed(error: unknown): void {
    if (!isSqliteError(error)) throw error;
    if (isDamage(error)) this.#beginAnew();
    else this.#tell(error);
  }

  close(): void {
    this.#database.close();
  }

  #beginAnew(): void {
    this.#database.close();
    this.#database = this.#open({ knownDamaged: true });
    this.#sql = this.#prepare(this.#database);
  }

  #tell(error: Error): void {
    if (this.#told) return;
    this.#told = true;
    this.#onProblem(this.#kind.notWritten(error.message, this.#file));
  }

  #open(options: { knownDamaged?: boolean } = {}): DatabaseSync {
    const { database, problem } = openDatabase(this.#file, this.#kind, this.#now, options);
    if (problem) this.#onProblem(problem);
    return database;
  }
}
