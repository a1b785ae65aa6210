import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertedIn, assertedWords } from '../../problems/asserted-codes.ts';
import { coreProblems } from '../translations/problem-codes.ts';

const root = join(import.meta.dirname, '../../..');
const codes = [...new Set(coreProblems(root).map(({ code }) => code))].toSorted();

test('every problem is made to happen by a test that asserts its code', () => {
  const asserted = assertedIn(join(root, 'test'));
  // One that is here wants a test that brings it about.
  expect(codes.filter((code) => !asserted.has(code))).toEqual([]);
});

test.each([
  ['what is expected', `expect(await codeOf(x)).toBe('a-b')`, ['a-b']],
  ['a rejection', `await expect(x()).rejects.toMatchObject({ problem: { code: 'a-b' } })`, ['a-b']],
  ['the table of a test', `test.each([['x', 'a-b']])('%s', run)`, ['a-b']],
  ['a table with a name', `const cases = [['x', 'a-b']]; test.each(cases)('%s', run)`, ['a-b']],
  ['a pattern', `expect(said).toMatch(/a-b: /)`, ['a-b']],
  ['words that are waited for', `await seen.until('a-b')`, ['a-b']],
])('a code is asserted by %s', (_, source, expected) => {
  expect([...assertedWords(source)]).toEqual(expect.arrayContaining(expected));
});

test.each([
  ['what a test hands over', `const problem = fail('a-b'); expect(problem).toBe(1)`],
  ['a problem that it made up', `expect(shown({ code: 'a-b', message: 'm', hint: 'h', retryable: false })).toBe(1)`],
  ['a comment', `expect(x).toBe(1); // a-b`],
])('a code is not asserted by %s', (_, source) => {
  expect([...assertedWords(source)]).not.toContain('a-b');
});
