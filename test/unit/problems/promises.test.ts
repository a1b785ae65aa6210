import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/promises.md'), 'utf8');

interface Tree {
  readonly type: string;
  readonly [key: string]: unknown;
}
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && 'type' in value;
const treesOf = (value: unknown): Tree[] =>
  Array.isArray(value) ? value.filter(isTree) : isTree(value) ? [value] : [];

/** The titles of the tests in a source: the first text of `test(…)`, `it(…)` and of a table's `test.each(…)(…)`. */
function titlesIn(source: string): Set<string> {
  const titles = new Set<string>();
  const visit = (tree: Tree): void => {
    if (tree.type === 'CallExpression') {
      let callee = treesOf(tree['callee'])[0];
      while (callee !== undefined && callee.type !== 'Identifier')
        callee = treesOf(callee['callee'] ?? callee['object'])[0];
      const title = treesOf(tree['arguments'])[0];
      if (/^(test|it)$/.test(String(callee?.['name'])) && title?.type === 'Literal') titles.add(String(title['value']));
    }
    for (const [key, value] of Object.entries(tree))
      if (key !== 'parent') for (const each of treesOf(value)) visit(each);
  };
  for (const each of treesOf(parseSync('titles.ts', source).program)) visit(each);
  return titles;
}

const promises = page
  .split(/\n(?=\* \*\*)/)
  .slice(1)
  .map((text) => ({
    said: /^\* \*\*(.+?)\*\*/.exec(text)?.[1] ?? text,
    tests: [...text.matchAll(/^ {2}\* `([^`]+)`: (.+)$/gm)].map(([, file = '', title = '']) => ({ file, title })),
  }));

test('every promise names a test, and no line of the page is something else', () => {
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.filter(({ tests }) => tests.length === 0).map(({ said }) => said)).toEqual([]);
  const lines = page.split('\n').filter((line) => /^ *\*/.test(line));
  expect(lines).toHaveLength(promises.length + promises.flatMap(({ tests }) => tests).length);
});

test('every test that holds a promise exists', () => {
  // A test that was renamed or moved is named anew in docs/promises.md; one that is gone takes its promise along.
  const missing = promises
    .flatMap(({ tests }) => tests)
    .filter(({ file, title }) => {
      const path = join(root, file);
      return !existsSync(path) || !titlesIn(readFileSync(path, 'utf8')).has(title);
    })
    .map(({ file, title }) => `${file}: ${title}`);
  expect(missing).toEqual([]);
});

test.each([
  ['a test', `test('a', () => {})`],
  ['a test of a suite', `describe('x', () => { it('a', async () => {}) })`],
  ['a table', `test.each([1])('a', () => {})`],
  ['a table with a type', `test.each<[string]>([['x']])('a', () => {})`],
  ['a test under a condition', `test.skipIf(x)('a', () => {})`],
])('a title is read from %s', (_, source) => {
  expect([...titlesIn(source)]).toEqual(['a']);
});
