import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal } from '../../../main/activity/journal.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { entry } from './entries.ts';

let folder: string;
let file: string;
let journal: Journal;
let problems: Problem[];
let now: number;

const open = () => new Journal(file, { onProblem: (problem) => problems.push(problem), now: () => now });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'activity.db');
  [problems, now] = [[], 10_000];
  journal = open();
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const without = <T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> => {
  const { [key]: _, ...rest } = value;
  return rest;
};

describe('the journal', () => {
  test('gives back every line as it was put, newest first, and one that was put again as it is now', () => {
    const first = entry({ outcome: { freedBytes: 7, done: true }, state: 'running' });
    const second = entry({ subject: 'tokyo' });
    for (const line of [first, second]) journal.put(line);
    journal.put({ ...first, state: 'done', endedAt: 5000 });
    const { entries, more } = journal.page({});
    expect(entries.map((each) => without(each, 'seq'))).toEqual([
      without(second, 'seq'),
      without({ ...first, state: 'done', endedAt: 5000 } as const, 'seq'),
    ]);
    expect(more).toBe(false);
  });

  test('keeps what was warned of', () => {
    const warning = { code: 'upstream-refuses', message: 'gcr.io refuses.', hint: 'Wait.', retryable: true };
    journal.put(entry({ warnings: [warning] }));
    expect(journal.page({}).entries).toMatchObject([{ warnings: [warning] }]);
  });

  test('reads the note of an early version, which was a text', () => {
    journal.put(entry({ steps: [{ id: 'a', label: 'A', state: 'done' }] }));
    const database = new DatabaseSync(file);
    database.exec(`update entries set steps = '[{"id":"a","label":"A","state":"done","note":"2 of 2"}]'`);
    database.close();
    expect(journal.page({}).entries[0]?.steps[0]?.note).toEqual({ code: 'plain', values: { text: '2 of 2' } });
  });

  test('pages leave nothing out and show nothing twice, however many lines began at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (times, limit) => {
          journal.forget(Infinity);
          const lines = times.map((startedAt) => entry({ startedAt }));
          for (const line of lines) journal.put(line);
          const seen: { id: string; startedAt: number }[] = [];
          for (let before: number | undefined; ; ) {
            const page = journal.page({ limit, ...(before === undefined ? {} : { before }) });
            seen.push(...page.entries);
            if (!page.more) break;
            before = page.entries.at(-1)?.startedAt;
          }
          expect(seen.map(({ id }) => id).toSorted()).toEqual(lines.map(({ id }) => id).toSorted());
          expect(seen.map(({ startedAt }) => startedAt)).toEqual(times.toSorted((a, b) => b - a));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('can be asked for a subject and for kinds', () => {
    journal.put(entry({ subject: 'docker' }));
    journal.put(entry({ subject: 'tokyo', kind: 'prune' }));
    journal.put(entry({ subject: 'tokyo', kind: 'settings' }));
    expect(journal.page({ subject: 'tokyo' }).entries).toHaveLength(2);
    expect(journal.page({ kinds: ['prune', 'switch'] }).entries.map(({ kind }) => kind)).toEqual(['prune', 'switch']);
  });

  test('finds a line by the beginning of its id, and says when there is more than one', () => {
    const [a, b] = [entry({ id: 'abc1' }), entry({ id: 'abc2' })];
    for (const line of [a, b]) journal.put(line);
    expect(journal.beginningWith('abc1').map(({ id }) => id)).toEqual(['abc1']);
    expect(journal.beginningWith('abc')).toHaveLength(2);
    expect(journal.beginningWith('b')).toEqual([]);
  });

  test('what ran when the core died is interrupted at the next start, with the time it was last true', () => {
    now = 4000;
    journal.put(
      entry({
        id: 'dead',
        state: 'running',
        endedAt: undefined,
        steps: [
          { id: 'a', label: 'A', state: 'done' },
          { id: 'b', label: 'B', state: 'running' },
        ],
      }),
    );
    journal.put(entry({ id: 'done' }));
    // It died: nobody closed the file.
    now = 9000;
    const next = open();
    expect(next.findInterrupted(10)).toMatchObject([
      {
        id: 'dead',
        state: 'interrupted',
        endedAt: 4000,
        problem: { code: 'task-interrupted' },
        steps: [{ state: 'done' }, { state: 'failed' }],
      },
    ]);
    expect(next.findInterrupted(10)).toHaveLength(1);
    next.close();
  });

  test('forgets what is older than is kept, and nothing that runs', () => {
    journal.put(entry({ id: 'old', startedAt: 10 }));
    journal.put(entry({ id: 'runs', startedAt: 10, state: 'running' }));
    journal.put(entry({ id: 'new', startedAt: 20 }));
    journal.forget(20);
    expect(journal.page({}).entries.map(({ id }) => id)).toEqual(['new', 'runs']);
  });

  test('remembers what took a line back, also when the line is told again', () => {
    const line = entry({ id: 'abc' });
    journal.put(line);
    journal.settle('abc', 'undone', 'def');
    journal.put(line);
    expect(journal.beginningWith('abc')).toMatchObject([{ undoneBy: 'def' }]);
  });

  test('remembers what went on with a line', () => {
    journal.put(entry({ id: 'abc' }));
    journal.settle('abc', 'resumed', 'def');
    expect(journal.beginningWith('abc')).toMatchObject([{ resumedBy: 'def' }]);
  });

  test('leaves out a line that is damaged, and shows the others', () => {
    for (const id of ['a', 'b', 'c']) journal.put(entry({ id }));
    const database = new DatabaseSync(file);
    database.exec(
      `update entries set steps = '[{"id":' where id = 'a'; update entries set outcome = '{' where id = 'b'`,
    );
    database.close();
    expect(journal.page({}).entries.map(({ id }) => id)).toEqual(['c']);
  });
});

describe('a journal file that cannot be used', () => {
  test('is moved aside when it is damaged; a new one is begun and says so', () => {
    journal.put(entry());
    journal.close();
    writeFileSync(file, 'no database at all'.repeat(100));
    journal = open();
    expect(problems.map(({ code }) => code)).toEqual(['activity-damaged']);
    expect(readdirSync(folder).some((name) => name.startsWith('activity.db.activity-damaged-'))).toBe(true);
    journal.put(entry());
    expect(journal.page({}).entries).toHaveLength(1);
  });

  test('that cannot be written is told once and stops nothing', () => {
    const other = new DatabaseSync(file);
    other.exec('drop table entries');
    other.close();
    journal.put(entry());
    journal.put(entry());
    expect(journal.page({}).entries).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['activity-not-written']);
  });
});
