import { expect, test } from 'vitest';
import { byFolder, type FileCoverage, percent, together } from '../../coverage/by-folder.ts';
import { badge, coveragePage } from '../../coverage/page.ts';

const file = (covered: number, total: number): FileCoverage => ({
  lines: { covered, total },
  branches: { covered: 0, total: 0 },
});

test('the lines of a folder are those of its files, and all are those of all folders', () => {
  const folders = byFolder(
    new Map([
      ['main/b/one.ts', file(1, 2)],
      ['main/a/two.ts', file(5, 10)],
      ['main/b/three.ts', file(2, 2)],
    ]),
  );
  expect(folders.map(({ folder, files, lines }) => [folder, files, lines])).toEqual([
    ['main/a', 1, { covered: 5, total: 10 }],
    ['main/b', 2, { covered: 3, total: 4 }],
  ]);
  expect(together(folders)).toMatchObject({ files: 3, lines: { covered: 8, total: 14 } });
});

test.each([
  [999, 1000, 99],
  [1000, 1000, 100],
  [0, 0, 100],
  [0, 3, 0],
])('%i of %i is %i percent: all is only said of all', (covered, total, said) => {
  expect(percent({ covered, total })).toBe(said);
});

test('the page has a row for each folder and one for all, and the badge says its figure', () => {
  const folders = byFolder(
    new Map([
      ['main/a/one.ts', file(3, 4)],
      ['main/b/two.ts', file(0, 4)],
    ]),
  );
  expect(coveragePage(folders, '2026-01-02', 'abc1234').split('\n').slice(-4)).toEqual([
    '| main/a | 1 | 75 | 3 of 4 | 100 | 0 of 0 |',
    '| main/b | 1 | 0 | 0 of 4 | 100 | 0 of 0 |',
    '| all | 2 | 37 | 3 of 8 | 100 | 0 of 0 |',
    '',
  ]);
  expect(badge(37)).toContain('aria-label="unit coverage: 37 %"');
});

test('the page says the day and the commit that it was measured at', () => {
  expect(coveragePage([], '2026-01-02', 'abc1234')).toContain('Measured on 2026-01-02 at commit abc1234');
});
