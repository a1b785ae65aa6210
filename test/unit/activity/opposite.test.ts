import { expect, test } from 'vitest';
import { isOpposite } from '../../../main/activity/opposite.ts';
import { valueChange } from '../../../main/activity/value-change.ts';
import { keyEdit, textEdit } from '../../../main/runtimes/file-diff.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const edit = (before: string | undefined, after: string | undefined, path = '/etc/docker/daemon.json') =>
  textEdit(path, before === undefined ? undefined : bytes(before), after === undefined ? undefined : bytes(after))
    .change;

test.each([
  ['the same lines back', [edit('a\nb\n', 'a\nc\n')], [edit('a\nc\n', 'a\nb\n')], true],
  ['a file that was made goes', [edit(undefined, 'c\n')], [edit('c\n', undefined)], true],
  ['a file that was deleted comes', [edit('c\n', undefined)], [edit(undefined, 'c\n')], true],
  ["somebody's other line stays", [edit('a\nb\n', 'a\nc\n')], [edit('x\na\nc\n', 'x\na\nb\n')], true],
  ['our own line was changed since', [edit('a\nb\n', 'a\nc\n')], [edit('a\nd\n', 'a\nb\n')], false],
  ['a certificate is another by now', [edit(undefined, 'old\n')], [edit('new\n', undefined)], false],
  ['nothing of ours is left in it', [edit('a\n', 'b\n')], [edit('c\n', 'c\n')], false],
  ['another file would change too', [edit('a\n', 'b\n')], [edit('b\n', 'a\n'), edit('1\n', '2\n', '/x')], false],
  ['a file is as it was already', [edit('a\n', 'b\n'), edit('1\n', '2\n', '/x')], [edit('b\n', 'a\n')], false],
  [
    'two files come back',
    [edit('a\n', 'b\n'), edit('1\n', '2\n', '/x')],
    [edit('2\n', '1\n', '/x'), edit('b\n', 'a\n')],
    true,
  ],
  [
    'of two files one comes back otherwise',
    [edit('a\n', 'b\n'), edit('1\n', '2\n', '/x')],
    [edit('b\n', 'a\n'), edit('2\n', '3\n', '/x')],
    false,
  ],
  ['another file than ours would change', [edit('a\n', 'b\n')], [edit('b\n', 'a\n', '/x')], false],
  ['another line would come back', [edit('a\n', 'b\n')], [edit('b\n', 'c\n')], false],
  ['two lines are one by now', [edit('x\n', 'a\nb\n')], [edit('ab\n', 'x\n')], false],
  [
    'a line that only speaks of a private key was changed',
    [edit('a\n', 'the +private key, ours\n')],
    [edit('the +private key, theirs\n', 'a\n')],
    false,
  ],
])('whether an undo gives back what was there: %s', (_what, made, coming, expected) => {
  expect(isOpposite(made, coming)).toBe(expected);
});

test('a private key is compared by whether it is there, for its text is never known', () => {
  const made = { ...keyEdit('/k', 'absent', undefined).change, action: 'create' as const };
  const coming = keyEdit('/k', 'f00', undefined).change;
  expect(isOpposite([made], [{ ...coming, action: 'delete' }])).toBe(true);
  expect(isOpposite([made], [{ ...coming, action: 'change' }])).toBe(false);
});

test('a value that changes is a change of its file, and none where it is the same', () => {
  expect(valueChange('/s.json', { a: 1 }, { a: 1 })).toBeUndefined();
  expect(valueChange('/s.json', { a: 1, b: 2 }, { a: 2, b: 2 })).toEqual({
    path: '/s.json',
    action: 'change',
    diff: '--- /s.json\n+++ /s.json\n@@ -1,4 +1,4 @@\n {\n-  "a": 1,\n+  "a": 2,\n   "b": 2\n }\n',
  });
  expect(valueChange('/s.json', undefined, { a: 2 })).toEqual({
    path: '/s.json',
    action: 'create',
    diff: '--- /dev/null\n+++ /s.json\n@@ -0,0 +1,3 @@\n+{\n+  "a": 2\n+}\n',
  });
  expect(valueChange('/s.json', { a: 2 }, undefined)).toEqual({
    path: '/s.json',
    action: 'delete',
    diff: '--- /s.json\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-{\n-  "a": 2\n-}\n',
  });
});

test('of a long value only what stands near the change is shown', () => {
  const value = (last: number) => [...Array.from({ length: 30 }, (_, at) => at), last];
  const { diff } = valueChange('/s.json', value(1), value(2)) ?? {};
  expect(diff?.split('\n').slice(2)).toEqual([
    '@@ -29,5 +29,5 @@',
    '   27,',
    '   28,',
    '   29,',
    '-  1',
    '+  2',
    ' ]',
    '',
  ]);
});
