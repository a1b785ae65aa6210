import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folders } from '../../mutation/folders.ts';
import { measured, withRow } from '../../mutation/record.ts';

const root = join(import.meta.dirname, '../../..');

describe('what a run over mutants found', () => {
  test('is counted over all files; one that never ends is killed, one that cannot be loaded is neither killed nor survived', () => {
    const of = (...statuses: readonly string[]) => ({ mutants: statuses.map((status) => ({ status })) });
    const files = {
      'one.ts': of('Killed', 'Killed', 'Timeout', 'Survived', 'RuntimeError'),
      'other.ts': of('Killed', 'NoCoverage', 'NoCoverage'),
    };
    expect(measured('a', { files }, '2026-01-02')).toEqual({
      folder: 'a',
      mutants: 8,
      killed: 4,
      timedOut: 1,
      survived: 1,
      notReached: 2,
      broken: 1,
      date: '2026-01-02',
    });
  });

  test('takes the place of the folder’s last row, or stands below the others', () => {
    const page = '# x\n\n| folder |\n| --- |\n| a | old |\n| ab | other |\n\nmore\n';
    const row = { mutants: 5, killed: 2, timedOut: 0, survived: 1, notReached: 1, broken: 1, date: '2026-01-02' };
    expect(withRow(page, { folder: 'a', ...row })).toBe(
      '# x\n\n| folder |\n| --- |\n| a | 5 | 2 | 0 | 1 | 1 | 1 | 50.0 | 2026-01-02 |\n| ab | other |\n\nmore\n',
    );
    expect(withRow(page, { folder: 'b', ...row })).toContain('| ab | other |\n| b | 5 | 2 | 0 | 1 | 1 | 1 | 50.0 |');
  });
});

test.each(folders)('every file and test of $name that is named exists', ({ files, tests }) => {
  expect([...files, ...tests].filter((each) => globSync(each, { cwd: root }).length === 0)).toEqual([]);
});
