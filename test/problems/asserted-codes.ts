import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { type Tree, treesOf } from './tree.ts';

/** Rooms whose tests only show problems that they made up: a code there says nothing of how it comes about. */
const onlyShown =
  /^(pages|bench)\/|^unit\/(renderer(?!\/core\/session)|translations|problems|terminal|contract)\/|^unit\/shell\/tray/;

const nameOf = (tree: Tree | undefined): unknown => tree?.['name'];
const one = (value: unknown): Tree | undefined => treesOf(value)[0];

/** Whether a call asserts what stands in it: its chain starts with `expect`, it waits for words to be said, or it gives a test its table. */
function asserts(call: Tree): boolean {
  let callee = one(call['callee']);
  if (callee?.type === 'MemberExpression' && ['each', 'until'].includes(String(nameOf(one(callee['property'])))))
    return true;
  while (callee !== undefined) {
    if (callee.type === 'Identifier') return nameOf(callee) === 'expect';
    callee = one(callee[callee.type === 'CallExpression' ? 'callee' : 'object']);
  }
  return false;
}

/** A whole problem that the test made up. */
function madeUp(tree: Tree): boolean {
  const names = treesOf(tree['properties']).map((each) => nameOf(one(each['key'])));
  return tree.type === 'ObjectExpression' && ['code', 'hint', 'retryable'].every((each) => names.includes(each));
}

/** The words, as a code is one, of all texts that a test file asserts. Pure. */
export function assertedWords(source: string): Set<string> {
  const words = new Set<string>();
  const tables = new Set([...source.matchAll(/\.each\((\w+)/g)].map((match) => match[1]));
  const visit = (tree: Tree, asserted: boolean): void => {
    if (madeUp(tree)) return;
    if (asserted)
      for (const text of textsOf(tree)) for (const [word] of text.matchAll(/[a-z][a-z0-9-]+/g)) words.add(word);
    const table = tree.type === 'VariableDeclarator' && tables.has(String(nameOf(one(tree['id']))));
    const within = asserted || table || (tree.type === 'CallExpression' && asserts(tree));
    for (const [key, value] of Object.entries(tree))
      if (key !== 'parent') for (const each of treesOf(value)) visit(each, within);
  };
  for (const each of treesOf(parseSync('asserted.ts', source).program)) visit(each, false);
  return words;
}

function textsOf(tree: Tree): string[] {
  if (tree.type === 'TemplateElement') return [String((tree['value'] as { cooked?: unknown }).cooked)];
  if (tree.type !== 'Literal') return [];
  const regex = tree['regex'] as { readonly pattern: string } | undefined;
  return [regex?.pattern ?? String(tree['value'])];
}

/** By word, the files of tests that assert it. */
export function assertedIn(tests: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((each) =>
    /(\.test|-suite)\.ts$/.test(each),
  );
  for (const file of files.filter((each) => !onlyShown.test(each)).toSorted())
    for (const word of assertedWords(readFileSync(join(tests, file), 'utf8')))
      found.set(word, [...(found.get(word) ?? []), file]);
  return found;
}
