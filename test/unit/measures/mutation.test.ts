import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folders } from '../../mutation/folders.ts';
import { measured, withRow } from '../../mutation/record.ts';

const root = join(import.meta.dirname, '../../..');

describe('what a run over mutants found', () => {
  test('a mutant that no test reaches has survived, and one that never ends is killed', () => {
    const mutants = ['1', '2', '3', '4', '5'].map((id) => ({ id }));
    const found = new Map([
      ['1', 'killed'],
      ['2', 'killed'],
      ['3', 'timed out'],
      ['4', 'survived'],
    ] as const);
    expect(measured('a', mutants, found, '2026-01-02')).toEqual({
      folder: 'a',
      mutants: 5,
      killed: 3,
      timedOut: 1,
      survived: 2,
      date: '2026-01-02',
    });
  });

  test('takes the place of the folder’s last row, or stands below the others', () => {
    const page = '# x\n\n| folder |\n| --- |\n| a | old |\n| ab | other |\n\nmore\n';
    const row = { mutants: 3, killed: 2, timedOut: 0, survived: 1, date: '2026-01-02' };
    expect(withRow(page, { folder: 'a', ...row })).toBe(
      '# x\n\n| folder |\n| --- |\n| a | 3 | 2 | 0 | 1 | 66.6 | 2026-01-02 |\n| ab | other |\n\nmore\n',
    );
    expect(withRow(page, { folder: 'b', ...row })).toContain('| ab | other |\n| b | 3 | 2 | 0 | 1 | 66.6 |');
  });
});

test.each(folders)('every file and test of $name that is named exists', ({ files, tests }) => {
  expect([...files, ...tests].filter((each) => globSync(each, { cwd: root }).length === 0)).toEqual([]);
});
