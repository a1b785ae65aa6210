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
])('whether an undo gives back what was there: %s', (_what, made, coming, expected) => {
  expect(isOpposite(made, coming)).toBe(expected);
});

test('a private key is compared by whether it is there, for its text is never known', () => {
  const made = { ...keyEdit('/k', 'absent', undefined).change, action: 'create' as const };
  const coming = keyEdit('/k', 'f00', undefined).change;
  expect(isOpposite([made], [coming])).toBe(true);
});

test('a value that changes is a change of its file, and none where it is the same', () => {
  expect(valueChange('/s.json', { a: 1 }, { a: 1 })).toBeUndefined();
  expect(valueChange('/s.json', { a: 1 }, { a: 2 })).toMatchObject({
    action: 'change',
    diff: expect.stringContaining('-  "a": 1\n+  "a": 2'),
  });
  expect(valueChange('/s.json', undefined, { a: 2 })).toMatchObject({ action: 'create' });
  expect(valueChange('/s.json', { a: 2 }, undefined)).toMatchObject({ action: 'delete' });
});
