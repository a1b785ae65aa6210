import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leftAsItWas } from '../../problems/left-as-it-was.ts';
import { problemsPage, toldProblems } from '../../problems/page.ts';
import { sentenceOf } from '../../problems/sentence.ts';

const root = join(import.meta.dirname, '../../..');
const told = toldProblems(root);

test('docs/problems.md is what the source says', () => {
  // Not so? `npm run docs:problems` writes it anew.
  expect(readFileSync(join(root, 'docs/problems.md'), 'utf8')).toBe(problemsPage(root));
});

test('of every problem it is said what happened, how things are left, and the way out', () => {
  // One that is missing here wants a sentence in its message that says what was not touched, or an entry in test/problems/left-as-it-was.ts.
  expect(
    told
      .filter(({ messages, hints, left }) => messages.length === 0 || hints.length === 0 || !left)
      .map(({ code }) => code),
  ).toEqual([]);
});

test('nothing is said of a problem that is not there, or that says it itself', () => {
  const wanting = new Set(told.filter(({ saysItself }) => !saysItself).map(({ code }) => code));
  expect(Object.keys(leftAsItWas).filter((code) => !wanting.has(code))).toEqual([]);
});

test.each([
  ['a text', `'It is so.'`, 'It is so.'],
  [
    'what is filled in by its name',
    '`Port ${port} on ${host.name} is ${size(space.free)}.`',
    'Port ‹port› on ‹name› is ‹free›.',
  ],
  ['a choice of sentences', `x ? 'A.' : 'B.'`, 'A. / B.'],
  ['what is said only at times', "`It failed${full ? ': full' : ''}.`", 'It failed[: full].'],
  ['a constant of its file', 'notYet', 'Not now.'],
])('a sentence is read from %s', (_, expression, expected) => {
  expect(sentenceOf(expression, "const notYet = 'Not now.';")).toBe(expected);
});
