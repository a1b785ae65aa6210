import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { byFolder, type FileCoverage, percent, together } from '../../coverage/by-folder.ts';
import { badge, coveragePage } from '../../coverage/page.ts';

const root = join(import.meta.dirname, '../../..');
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

test('the page and the badge of the README say the same, of the folders that there are', () => {
  // Not so? `npm run coverage` measures and writes them anew.
  const page = readFileSync(join(root, 'docs/coverage.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ((?:main|preload|renderer)[^ ]*|all) \| \d+ \| (\d+) \|/gm)];
  expect(readFileSync(join(root, 'docs/coverage.svg'), 'utf8')).toBe(badge(Number(rows.at(-1)?.[2])));
  const present = new Set(
    globSync('{main,preload,renderer}/**/*.{ts,tsx}', { cwd: root })
      .filter((path) => !path.endsWith('vite.config.ts') && !path.endsWith('.d.ts'))
      .map((path) => dirname(path)),
  );
  expect(rows.slice(0, -1).map(([, folder]) => folder)).toEqual([...present].sort());
});

test('the page says the day and the commit that it was measured at', () => {
  expect(coveragePage([], '2026-01-02', 'abc1234')).toContain('Measured on 2026-01-02 at commit abc1234');
});
