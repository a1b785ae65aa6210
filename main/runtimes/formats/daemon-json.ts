import { isDeepStrictEqual } from 'node:util';
import { type Node, parseTree } from 'jsonc-parser';
import { refuse, strictlyParsed } from './daemon-json-strict.ts';

const key = 'registry-mirrors';
const bom = '\uFEFF';

/** dockerd's own view of a daemon.json as far as mirrors go. `mirrors` is undefined where the key is not there or null. */
export interface DaemonJson {
  readonly mirrors: readonly string[] | undefined;
  /** True for an absent, empty or blank file. */
  readonly blank: boolean;
}

/** Reads a daemon.json (undefined: no file). Throws a `daemon-json-…` Problem for one that dockerd would refuse or that is ambiguous. */
export function readDaemonJson(bytes: Uint8Array | undefined): DaemonJson {
  const { value, blank } = strictlyParsed(bytes);
  const mirrors = value[key];
  if (mirrors === undefined || mirrors === null) return { mirrors: undefined, blank };
  if (!Array.isArray(mirrors) || !mirrors.every((each): each is string => typeof each === 'string'))
    return refuse('daemon-json-mirrors-type', `"${key}" is not a list of strings`, `Make "${key}" a list of URLs.`);
  return { mirrors, blank };
}

/**
 * The file with `registry-mirrors` set to exactly this list and every other byte (indent, line ends, BOM, final newline, order) kept.
 * An absent or blank file becomes the smallest one. An empty list is written as `[]`, which is how Docker is told to forget its mirrors.
 */
export function withMirrors(bytes: Uint8Array | undefined, mirrors: readonly string[]): Uint8Array {
  const { mirrors: old, blank } = readDaemonJson(bytes);
  if (bytes === undefined || blank) return encode(`{\n  "${key}": ${listText(mirrors, '  ', '  ', '\n')}\n}\n`);
  if (old !== undefined && isDeepStrictEqual([...old], [...mirrors])) return bytes;
  const { head, text } = decode(bytes);
  const root = rootOf(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const property = propertyOf(root);
  const edited =
    property === undefined ? inserted(text, root, mirrors, eol) : replaced(text, property, root, mirrors, eol);
  return checked(bytes, head + edited, (value) => ({ ...value, [key]: [...mirrors] }));
}

/** The file without `registry-mirrors`; the comma and the line that went with it go too. Unchanged where the key is not there. */
export function withoutMirrors(bytes: Uint8Array): Uint8Array {
  if (readDaemonJson(bytes).blank) return bytes;
  const { head, text } = decode(bytes);
  const root = rootOf(text);
  const property = propertyOf(root);
  if (property === undefined) return bytes;
  const all = root.children ?? [];
  const at = all.indexOf(property);
  const before = all[at - 1];
  const after = all[at + 1];
  const edited =
    before !== undefined
      ? cut(text, before.offset + before.length, property.offset + property.length)
      : after !== undefined
        ? cut(text, property.offset, after.offset)
        : cut(text, root.offset + 1, root.offset + root.length - 1);
  return checked(bytes, head + edited, (value) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)),
  );
}

function inserted(text: string, root: Node, mirrors: readonly string[], eol: string): string {
  const last = root.children?.at(-1);
  const open = root.offset + 1;
  if (last === undefined) {
    const end = root.offset + root.length - 1;
    const outer = indentAt(text, root.offset);
    const unit = '  ';
    return `${text.slice(0, open)}${eol}${outer}${unit}"${key}": ${listText(mirrors, outer + unit, unit, eol)}${eol}${outer}${text.slice(end)}`;
  }
  const at = last.offset + last.length;
  const oneLine = !text.slice(open, last.offset).includes('\n');
  const indent = indentAt(text, last.offset);
  const start = oneLine ? ', ' : `,${eol}${indent}`;
  const list = oneLine ? inlineList(mirrors) : listText(mirrors, indent, unitOf(text, root), eol);
  return `${text.slice(0, at)}${start}"${key}": ${list}${text.slice(at)}`;
}

function replaced(text: string, property: Node, root: Node, mirrors: readonly string[], eol: string): string {
  const value = property.children?.[1] ?? neverWithoutValue();
  const oldText = text.slice(value.offset, value.offset + value.length);
  const ownLine = text.slice(root.offset, property.offset).includes('\n');
  const wide = oldText.includes('\n') || ((value.children ?? []).length === 0 && ownLine);
  const list = wide ? listText(mirrors, indentAt(text, property.offset), unitOf(text, root), eol) : inlineList(mirrors);
  return text.slice(0, value.offset) + list + text.slice(value.offset + value.length);
}

/** One mirror a line, as people write it; `[]` and nothing else for none. */
function listText(mirrors: readonly string[], indent: string, unit: string, eol: string): string {
  if (mirrors.length === 0) return '[]';
  const lines = mirrors.map((each) => `${indent}${unit}${JSON.stringify(each)}`);
  return `[${eol}${lines.join(`,${eol}`)}${eol}${indent}]`;
}

function inlineList(mirrors: readonly string[]): string {
  return `[${mirrors.map((each) => JSON.stringify(each)).join(', ')}]`;
}

/** The white space between the start of the line and this offset. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** What one level of indent is in this file: what the first property has more than the brace. */
function unitOf(text: string, root: Node): string {
  const first = root.children?.[0];
  if (first === undefined) return '  ';
  const outer = indentAt(text, root.offset);
  const inner = indentAt(text, first.offset);
  return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : '  ';
}

function cut(text: string, from: number, to: number): string {
  return text.slice(0, from) + text.slice(to);
}

function propertyOf(root: Node): Node | undefined {
  return root.children?.find((property) => property.children?.[0]?.value === key);
}

function rootOf(text: string): Node {
  return parseTree(text, [], { disallowComments: true }) ?? neverWithoutValue();
}

function neverWithoutValue(): never {
  throw new Error('a JSON text that parsed strictly has no tree');
}

/** A second parser's word: the new text means the old value with only the intended change. Anything else is a fault of this file, and never written. */
function checked(
  before: Uint8Array,
  text: string,
  change: (value: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): Uint8Array {
  const bytes = encode(text);
  if (!isDeepStrictEqual(strictlyParsed(bytes).value, change(strictlyParsed(before).value)))
    throw new Error('an edit of daemon.json would change more than its mirrors');
  return bytes;
}

function decode(bytes: Uint8Array): { head: string; text: string } {
  const all = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return all.startsWith(bom) ? { head: bom, text: all.slice(1) } : { head: '', text: all };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
