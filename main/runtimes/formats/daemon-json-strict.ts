import { type Node, parseTree } from 'jsonc-parser';
import { fail } from '../../../preload/contract/problem.ts';

/** Bytes of the largest file that is read; a real one has a few hundred. */
const largest = 1024 * 1024;
/** Lists and objects within one another that are followed; a real one has three. The parsers that keep every byte would run out of stack. */
const deepest = 500;

/**
 * The value of a daemon.json as dockerd reads it: strict JSON, one object. Throws a `daemon-json-…` Problem, one code per reason, for
 * everything dockerd would refuse and for duplicate keys, where dockerd takes the last and editors the first.
 */
export function strictlyParsed(bytes: Uint8Array | undefined): {
  readonly value: Readonly<Record<string, unknown>>;
  readonly blank: boolean;
} {
  if (bytes === undefined) return { value: {}, blank: true };
  if (bytes.length > largest)
    return refuse('daemon-json-too-large', `it has ${bytes.length} bytes`, 'Check that this is really daemon.json.');
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return refuse('daemon-json-utf16', 'it is UTF-16', 'Save it as UTF-8; Docker reads nothing else.');
  if (bytes.includes(0)) return refuse('daemon-json-nul', 'it holds a NUL byte', 'Restore the file from a backup.');
  const text = textOf(bytes);
  if (text.trim() === '') return { value: {}, blank: true };
  if (depthOf(text) > deepest)
    return refuse(
      'daemon-json-too-deep',
      `its lists and objects lie more than ${deepest} deep in one another`,
      'Check that this is really daemon.json.',
    );
  const value = valueOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('daemon-json-not-object', 'it is not a JSON object', 'Make it one, for example {}.');
  const tree = parseTree(text);
  if (tree !== undefined) refuseDuplicates(tree);
  return { value: value as Readonly<Record<string, unknown>>, blank: false };
}

/** Throws the Problem of a file that is left alone. */
export function refuse(code: string, reason: string, hint: string): never {
  return fail({ code, message: `Docker's daemon.json cannot be edited: ${reason}. It was left unchanged.`, hint });
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('daemon-json-not-utf8', 'it is not UTF-8', 'Save it as UTF-8; Docker reads nothing else.');
  }
}

/** How deep lists and objects lie in one another, closed or not. In one pass, whatever the text. */
function depthOf(text: string): number {
  let [depth, most, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{')) most = Math.max(most, (depth += 1));
    else if (!quoted && (character === ']' || character === '}')) depth -= 1;
  }
  return most;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? error.message : String(error);
    const lenient = parseTree(text, [], { allowTrailingComma: true });
    const likely = lenient === undefined ? '' : ' Comments and trailing commas are not allowed.';
    return refuse('daemon-json-syntax', `it is not valid JSON (${where})`, `Docker refuses it too.${likely}`);
  }
}

function refuseDuplicates(node: Node): void {
  if (node.type === 'object') {
    const seen = new Set<unknown>();
    for (const property of node.children ?? []) {
      const name: unknown = property.children?.[0]?.value;
      if (seen.has(name))
        refuse(
          'daemon-json-duplicate-key',
          `the key ${JSON.stringify(name)} is there twice`,
          'Keep one of them; Docker uses the last.',
        );
      seen.add(name);
    }
  }
  for (const child of node.children ?? []) refuseDuplicates(child);
}
