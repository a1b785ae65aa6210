import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Activity } from '../../../main/activity/activity.ts';
import { Journal } from '../../../main/activity/journal.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { problemCode } from '../problem-code.ts';
import { entry, standing } from './entries.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'activity.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an id that begins two lines is refused, and nothing is done', () => {
  const journal = new Journal(file);
  for (const tail of ['1', '2']) journal.put(entry({ id: `aaaaaaaa-0000-4000-8000-00000000000${tail}` }));
  const activity = new Activity({ journal, publish: () => {}, who: 'dev@laptop', standing: standing() });
  expect(problemCode(() => activity.show('aaaaaaaa'))).toBe('activity-ambiguous');
  expect(problemCode(() => activity.show('bbbbbbbb'))).toBe('activity-unknown');
  activity.close();
});

test('a journal that a newer Mirrorfleet wrote is moved aside whole', () => {
  new Journal(file).close();
  const newer = new DatabaseSync(file);
  newer.exec('pragma user_version = 999');
  newer.close();
  const problems: Problem[] = [];
  new Journal(file, { onProblem: (problem) => problems.push(problem) }).close();
  expect(problems.map(({ code }) => code)).toEqual(['activity-newer']);
  expect(readdirSync(folder).filter((name) => name !== 'activity.db' && name.startsWith('activity.db'))).not.toEqual(
    [],
  );
});
