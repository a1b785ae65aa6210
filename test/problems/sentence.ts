import { parseSync } from 'vite';
import { type Tree, treesOf } from './tree.ts';

const first = (value: unknown): Tree | undefined => treesOf(value)[0];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * What a person reads where the source has this expression. What is filled in stands as ‹its name›; where the source chooses between
 * sentences, all of them are given. The file is asked for constants that the expression names. Pure.
 */
export function sentenceOf(expression: string, file: string): string {
  if (expression === '') return '';
  const statement = first(parseSync('sentence.ts', `(${expression});`).program.body);
  return said(unwrapped(first(statement?.['expression'])), file);
}

function said(tree: Tree | undefined, file: string): string {
  if (tree === undefined) return '';
  switch (tree.type) {
    case 'Literal':
      return textOf(tree['value']);
    case 'TemplateLiteral':
      return template(tree, file);
    case 'BinaryExpression':
      return said(unwrapped(first(tree['left'])), file) + said(unwrapped(first(tree['right'])), file);
    case 'ConditionalExpression':
      return [...new Set([tree['consequent'], tree['alternate']].map((each) => said(unwrapped(first(each)), file)))]
        .filter((each) => each !== '')
        .join(' / ');
    case 'Identifier':
      return constant(textOf(tree['name']), file) ?? `‹${textOf(tree['name'])}›`;
    default:
      return filled(tree, file);
  }
}

function template(tree: Tree, file: string): string {
  const parts = treesOf(tree['expressions']).map((each) => filled(each, file));
  return treesOf(tree['quasis'])
    .map((quasi, at) => textOf((quasi['value'] as { cooked?: unknown }).cooked) + (parts[at] ?? ''))
    .join('');
}

/** What stands in the place of an expression inside a sentence. */
function filled(tree: Tree | undefined, file: string): string {
  const inner = unwrapped(tree);
  if (inner?.type === 'Literal') return textOf(inner['value']);
  if (inner?.type === 'TemplateLiteral') return template(inner, file);
  if (inner?.type !== 'ConditionalExpression') {
    const name = nameOf(inner);
    return (inner?.type === 'Identifier' ? constant(name, file) : undefined) ?? `‹${name}›`;
  }
  const choices = [inner['consequent'], inner['alternate']].map((each) => filled(first(each), file));
  return choices.includes('') ? `[${choices.join('')}]` : choices.join(' / ');
}

/** The word that names what is filled in: the last part of a path, the subject of a call. */
function nameOf(tree: Tree | undefined): string {
  const inner = unwrapped(tree);
  if (inner === undefined) return '…';
  switch (inner.type) {
    case 'Identifier':
      return textOf(inner['name']);
    case 'MemberExpression':
      return inner['computed'] === true ? nameOf(first(inner['object'])) : nameOf(first(inner['property']));
    case 'CallExpression': {
      const callee = first(inner['callee']);
      const subject = callee?.type === 'MemberExpression' ? nameOf(first(callee['object'])) : '';
      return subject === '' || /^[A-Z]/.test(subject) ? nameOf(first(inner['arguments'])) : subject;
    }
    case 'PrivateIdentifier':
      return textOf(inner['name']);
    case 'LogicalExpression':
    case 'BinaryExpression':
      return nameOf(first(inner['left']));
    default:
      return '…';
  }
}

function constant(name: string, file: string): string | undefined {
  return new RegExp(String.raw`const ${name} = '([^'\n]+)';`).exec(file)?.[1];
}

function unwrapped(tree: Tree | undefined): Tree | undefined {
  const wraps = ['ParenthesizedExpression', 'TSAsExpression', 'ChainExpression', 'AwaitExpression'];
  return tree !== undefined && wraps.includes(tree.type)
    ? unwrapped(first(tree['expression'] ?? tree['argument']))
    : tree;
}
