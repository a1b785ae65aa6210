import { expect, test } from 'vitest';
import { diffLines, diffSides } from '../../../renderer/parts/diff-lines.ts';
import { sparkPath } from '../../../renderer/parts/sparkline-path.ts';
import {
  byNumber,
  byText,
  type Column,
  covered,
  headRow,
  landed,
  nextCell,
  nextSort,
  sortRows,
  tracks,
} from '../../../renderer/parts/table-model.ts';
import { taskShare } from '../../../renderer/parts/task-share.ts';
import { matching } from '../../../renderer/shell/palette-actions.ts';
import { changeBy } from '../../../renderer/shell/use-early-keys.ts';
import { isStale } from '../../../preload/contract/stale.ts';

interface Row {
  readonly name: string;
  readonly size?: number;
}
const columns: Column<Row>[] = [
  { id: 'name', title: 'Name', width: '1fr', cell: () => '', compare: byText((row) => row.name) },
  { id: 'size', title: 'Size', width: '5rem', cell: () => '', compare: byNumber((row) => row.size) },
  { id: 'note', title: 'Note', width: '5rem', cell: () => '' },
];
const rows: Row[] = [{ name: 'node-10', size: 3 }, { name: 'node-2' }, { name: 'node-1', size: 7 }];
const names = (sort: { column: string; down: boolean } | undefined) =>
  sortRows(rows, columns, sort).map(({ name }) => name);

test('rows stand as they came until someone sorts, then by number within names, and what has no figure comes last', () => {
  expect(names(undefined)).toEqual(['node-10', 'node-2', 'node-1']);
  expect(names({ column: 'name', down: false })).toEqual(['node-1', 'node-2', 'node-10']);
  expect(names({ column: 'size', down: false })).toEqual(['node-10', 'node-1', 'node-2']);
  expect(names({ column: 'note', down: true })).toEqual(['node-10', 'node-2', 'node-1']);
});

test('a second click on a header turns the order round', () => {
  const first = nextSort(undefined, 'size');
  expect([first, nextSort(first, 'size'), nextSort(first, 'name')]).toEqual([
    { column: 'size', down: false },
    { column: 'size', down: true },
    { column: 'name', down: false },
  ]);
});

test.each([
  ['ArrowDown', { row: 1, column: 1 }],
  ['ArrowUp', { row: headRow, column: 1 }],
  ['ArrowLeft', { row: 0, column: 0 }],
  ['ArrowRight', { row: 0, column: 2 }],
  ['End', { row: 9, column: 1 }],
  ['PageDown', { row: 4, column: 1 }],
  ['x', undefined],
])(
  'the key %s leads from the first row to %j and never out of the table, of which the headers are a part',
  (key, expected) => {
    expect(nextCell(key, { row: 0, column: 1 }, { rows: 10, columns: 3, page: 4 })).toEqual(expected);
  },
);

test.each([
  [1, 0, 1],
  [2, 1, 4],
  [2, 3, 0],
  [3, 4, 3],
  [2, 2, 2],
])('with one cell over columns 1 to 3, a key that leads to column %i from %i ends in %i', (wanted, from, expected) => {
  const over = covered([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }, { id: 'e' }], { from: 'b', to: 'd' });
  expect(landed(wanted, from, over, 5)).toBe(expected);
  expect(landed(wanted, from, undefined, 5)).toBe(wanted);
});

test('a table that can be selected has a narrow column in front', () => {
  expect(tracks(columns, true)).toBe('2.25rem 1fr 5rem 5rem');
  expect(tracks(columns, false)).toBe('1fr 5rem 5rem');
});

test('a sparkline leaves a gap where something failed and marks it; a lone value is a dot', () => {
  const { line, failed } = sparkPath([10, 20, null, 20]);
  expect(line.match(/M/g)).toHaveLength(2);
  expect(failed).toHaveLength(1);
  expect(sparkPath([])).toEqual({ line: '', failed: [] });
});

const diff = [
  '--- /etc/a',
  '+++ /etc/a',
  '@@ -1,3 +1,3 @@',
  ' same',
  '-old',
  '--- not a name',
  '+new',
  '\\ No newline at end of file',
  '',
].join('\n');

test('a diff is read line by line; file names are left out, a removed line that looks like one is not', () => {
  expect(diffLines(diff).map(({ kind, text }) => [kind, text])).toEqual([
    ['place', '@@ -1,3 +1,3 @@'],
    ['same', 'same'],
    ['removed', 'old'],
    ['removed', '-- not a name'],
    ['added', 'new'],
    ['place', '\\ No newline at end of file'],
  ]);
});

test('before and after are read from a diff', () => {
  expect(diffSides(diff)).toEqual({ before: 'same\nold\n-- not a name\n', after: 'same\nnew\n' });
});

test('a task is as far as its steps, the running one by its own progress', () => {
  const step = (state: 'waiting' | 'running' | 'done', done?: number) => ({
    id: 'x',
    label: 'x',
    state,
    ...(done !== undefined && { progress: { done, total: 10, unit: 'bytes' as const } }),
  });
  expect(taskShare({ steps: [] })).toBeUndefined();
  expect(taskShare({ steps: [step('done'), step('running', 5), step('waiting'), step('waiting')] })).toBe(0.375);
  expect(taskShare({ steps: [step('running', 50)] })).toBe(1);
});

const lines = [
  { id: '1', title: 'tokyo / docker.io', words: ['up'] },
  { id: '2', title: 'Colours: dark', words: ['theme'] },
  { id: '3', title: 'docker.io/library/nginx', words: [] },
];
test.each([
  ['', ['1', '2', '3']],
  ['docker', ['3', '1']],
  ['docker tok', ['1']],
  ['THEME', ['2']],
  ['nothing', []],
])('the palette finds by %j', (typed, ids) => {
  expect(matching(lines, typed).map(({ id }) => id)).toEqual(ids);
});

test.each([
  [true, 1000, undefined, 50_000, false],
  [true, 1000, undefined, 100_000, true],
  [true, 1000, 10_000, 12_000, true],
  [false, 1000, undefined, 2000, true],
  [false, undefined, undefined, 2000, false],
])('connected %s, measured at %s, stale after %s, now %s: stale is %s', (connected, at, staleAfterMs, now, stale) => {
  expect(isStale({ connected, at, staleAfterMs, now })).toBe(stale);
});

test('a key that came before the field it was meant for types as it would have there', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false };
  const typed = (text: string, key: string): string | undefined => changeBy({ ...plain, key })?.(text);
  expect(typed('tok', 'y')).toBe('toky');
  expect(typed('', '京')).toBe('京');
  expect(typed('tok', 'Backspace')).toBe('to');
  expect(typed('', 'Backspace')).toBe('');
  expect(['Enter', 'Escape', 'Tab', 'Shift', 'Dead', 'F5'].map((key) => changeBy({ ...plain, key }))).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
  expect(changeBy({ ...plain, ctrlKey: true, key: 'r' })).toBeUndefined();
});
