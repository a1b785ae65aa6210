import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';

/** A problem as the source has it: its code, where it stands, and the names of the facts that its `detail` always or sometimes holds. */
export interface WrittenProblem {
  readonly code: string;
  readonly file: string;
  readonly message: string;
  readonly hint: string;
  readonly detail: readonly string[];
}

interface Tree {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && 'type' in value;
const trees = (value: unknown): Tree[] => (Array.isArray(value) ? value.filter(isTree) : isTree(value) ? [value] : []);
const codeForm = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
/** Functions of the core that take code, message and hint in this order. */
const makers = new Set(['problem', 'refuse']);

/** The texts that an expression may be: of a literal itself, of a choice both. */
function texts(tree: Tree | undefined): string[] {
  if (tree?.type === 'Literal' && typeof tree['value'] === 'string') return [tree['value']];
  if (tree?.type === 'ConditionalExpression')
    return [...texts(trees(tree['consequent'])[0]), ...texts(trees(tree['alternate'])[0])];
  return [];
}

/** The members of an object that are written out, by name. */
function members(tree: Tree): ReadonlyMap<string, Tree> {
  const found = new Map<string, Tree>();
  for (const property of trees(tree['properties'])) {
    const [key, value] = [trees(property['key'])[0], trees(property['value'])[0]];
    const name = key?.['name'] ?? key?.['value'];
    if (typeof name === 'string' && value) found.set(name, value);
  }
  return found;
}

/** All problems in one source text: objects with a code and a hint, and calls or lists of the three. Pure. */
export function problemsIn(file: string, source: string): WrittenProblem[] {
  const found: WrittenProblem[] = [];
  const text = (tree: Tree | undefined): string => (tree === undefined ? '' : source.slice(tree.start, tree.end));
  const put = (code: Tree | undefined, message: Tree | undefined, hint: Tree | undefined, detail?: Tree): void => {
    for (const each of texts(code))
      found.push({
        code: each,
        file,
        message: text(message),
        hint: text(hint),
        detail: detail ? [...members(detail).keys()] : [],
      });
  };
  const visit = (tree: Tree): void => {
    if (tree.type === 'ObjectExpression') {
      const { code, message, why, hint, detail } = Object.fromEntries(members(tree));
      if (code && hint) put(code, message ?? why, hint, detail);
    }
    if (tree.type === 'CallExpression' && makers.has(String(trees(tree['callee'])[0]?.['name']))) {
      const [code, message, hint] = trees(tree['arguments']);
      if (message) put(code, message, hint);
    }
    if (tree.type === 'ArrayExpression') {
      const [code, message, hint, ...more] = trees(tree['elements']);
      if (hint && more.length === 0 && texts(code).some((each) => codeForm.test(each)) && text(message).includes(' '))
        put(code, message, hint);
    }
    for (const [key, value] of Object.entries(tree)) if (key !== 'parent') for (const each of trees(value)) visit(each);
  };
  for (const each of trees(parseSync(file, source).program)) visit(each);
  return found;
}

/** All problems that the core, the app and the pages can throw. What only the command line says about its own words is not among them. */
export function coreProblems(root: string): WrittenProblem[] {
  const files = ['main', 'preload'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((each) => each.endsWith('.ts') && !(folder === 'main' && each.startsWith('terminal/')))
      .toSorted()
      .map((each) => `${folder}/${each}`),
  );
  return [...files, 'renderer/core/problems.ts'].flatMap((file) =>
    problemsIn(file, readFileSync(join(root, file), 'utf8')),
  );
}
