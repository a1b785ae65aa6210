import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { ActivityInput } from '../../preload/contract/activity.ts';
import { type DatabaseOptions, GuardedDatabase } from '../store/guarded-database.ts';
import { entryOf, interrupted, type JournalEntry, valuesOf } from './journal-entry.ts';
import { journalKind } from './journal-schema.ts';

const putLine = `
  insert into entries
    (id, kind, subject, title, who, state, started_at, ended_at, told_at, steps, changes, outcome, problem, warnings, intent)
  values
    (:id, :kind, :subject, :title, :who, :state, :startedAt, :endedAt, :toldAt, :steps, :changes, :outcome, :problem, :warnings, :intent)
  on conflict (id) do update set
    state = :state, ended_at = :endedAt, told_at = :toldAt, steps = :steps, changes = :changes,
    outcome = :outcome, problem = :problem, warnings = :warnings, intent = :intent`;

/**
 * The journal in one SQLite file. Synchronous: a line is written in well under a millisecond. A write that fails is told once and never
 * stops the work that it tells of; a file found damaged is moved aside and the journal begins anew.
 */
export class Journal {
  readonly #kept: GuardedDatabase<StatementSync>;
  readonly #now: () => number;

  /** Opens or makes the file; where neither is possible, what is kept is kept in memory until it is. */
  constructor(file: string, options: DatabaseOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#kept = new GuardedDatabase(file, journalKind, (database) => database.prepare(putLine), options);
  }

  /** Writes a line, or what became of it since. */
  put(entry: Omit<JournalEntry, 'seq'>): void {
    this.#kept.guard(undefined, () => {
      this.#kept.sql.run(valuesOf(entry, this.#now()));
    });
  }

  /** Remembers which line took this one back, or went on with it. */
  settle(id: string, how: 'undone' | 'resumed', by: string): void {
    const column = how === 'undone' ? 'undone_by' : 'resumed_by';
    this.#kept.guard(undefined, () => {
      this.#kept.database.prepare(`update entries set ${column} = ? where id = ?`).run(by, id);
    });
  }

  /** Forgets one line. */
  drop(id: string): void {
    this.#kept.guard(undefined, () => {
      this.#kept.database.prepare('delete from entries where id = ?').run(id);
    });
  }

  /** The lines whose id begins so, at most two: none, the one, or more than one. */
  beginningWith(id: string): JournalEntry[] {
    return this.#entries('where id >= ? and id < ? limit 2', [id, `${id}\u{10ffff}`]);
  }

  /**
   * Lines, newest first. A page ends between two times, never within one, so that asking for what began before its last line leaves
   * nothing out; it may hold a few more than `limit` for that.
   */
  page({ before, limit = 100, subject, kinds }: ActivityInput): { entries: JournalEntry[]; more: boolean } {
    const where = ['1'];
    const values: SQLInputValue[] = [];
    if (before !== undefined) {
      where.push('started_at < ?');
      values.push(before);
    }
    if (subject !== undefined) {
      where.push('subject = ?');
      values.push(subject);
    }
    if (kinds !== undefined) {
      where.push(`kind in (select value from json_each(?))`);
      values.push(JSON.stringify(kinds));
    }
    const matching = where.join(' and ');
    const order = 'order by started_at desc, seq desc';
    const found = this.#entries(`where ${matching} ${order} limit ?`, [...values, limit + 1]);
    const entries = found.slice(0, limit);
    const last = entries.at(-1);
    if (found.length <= limit || last === undefined) return { entries, more: false };
    const shown = new Set(entries.map(({ id }) => id));
    const alike = this.#entries(`where ${matching} and started_at = ? ${order}`, [...values, last.startedAt]);
    const rest = this.#entries(`where ${matching} and started_at < ? limit 1`, [...values, last.startedAt]);
    return { entries: [...entries, ...alike.filter(({ id }) => !shown.has(id))], more: rest.length > 0 };
  }

  /** What was begun after a line on the same subject, newest first, at most `limit`. */
  later(entry: Pick<JournalEntry, 'subject' | 'seq'>, limit: number): JournalEntry[] {
    return this.#entries('where subject = ? and seq > ? order by seq desc limit ?', [entry.subject, entry.seq, limit]);
  }

  /** The newest line of a kind on a subject. */
  newest(kind: JournalEntry['kind'], subject: string): JournalEntry | undefined {
    return this.#entries('where kind = ? and subject = ? order by seq desc limit 1', [kind, subject])[0];
  }

  /** At a start: what still ran when the last core ended did not end in order. Answers with the newest of all that were ever cut short, oldest first. */
  findInterrupted(limit: number): JournalEntry[] {
    this.#kept.guard(undefined, () => {
      for (const row of this.#kept.database.prepare("select * from entries where state = 'running'").all()) {
        const entry = entryOf(row);
        if (entry) this.put(interrupted(entry, Number(row['told_at'])));
      }
    });
    return this.#entries("where state = 'interrupted' order by seq desc limit ?", [limit]).toReversed();
  }

  /** Retention: lines that began before a time (ms since 1970) go, but for those that run. */
  forget(before: number): void {
    this.#kept.guard(undefined, () => {
      this.#kept.database.prepare("delete from entries where started_at < ? and state <> 'running'").run(before);
    });
  }

  close(): void {
    this.#kept.close();
  }

  #entries(rest: string, values: readonly SQLInputValue[]): JournalEntry[] {
    return this.#kept.guard<JournalEntry[]>([], () =>
      this.#kept.database
        .prepare(`select * from entries ${rest}`)
        .all(...values)
        .flatMap((row) => entryOf(row) ?? []),
    );
  }
}
