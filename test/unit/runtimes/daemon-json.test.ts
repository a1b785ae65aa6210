import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { readDaemonJson, withMirrors, withoutMirrors } from '../../../main/runtimes/formats/daemon-json.ts';

const folder = join(import.meta.dirname, '../../fixtures/daemon-json');
const fixtures = readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))] as const);
const ours = ['https://203.0.113.11:443', 'https://tokyo.example:8443'];
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** The text with the whole `registry-mirrors` property and the comma beside it cut out, white space around them gone. */
function rest(text: string): string {
  return text
    .replace(/\s*,?\s*"registry-mirrors"\s*:\s*\[[^\]]*\]/, '')
    .replace(/\{\s*,\s*/, '{')
    .replace(/\{\s+\}/, '{}');
}

function codeOf(bytes: Uint8Array): string {
  try {
    readDaemonJson(bytes);
    return 'fine';
  } catch (error) {
    return error instanceof ProblemError ? error.problem.code : String(error);
  }
}

describe('setting the mirrors of a daemon.json', () => {
  test.each(fixtures)('keeps every other byte of %s', (_, before) => {
    const after = withMirrors(before, ours);
    expect(readDaemonJson(after).mirrors).toEqual(ours);
    expect(rest(textOf(after))).toBe(rest(textOf(before)));
    const loneLineFeeds = (text: string): number => (text.includes('\r\n') ? text.split(/(?<!\r)\n/).length - 1 : 0);
    expect(loneLineFeeds(textOf(after))).toBe(0);
  });

  test('reads as a person would have written it', () => {
    const file = fixtures.find(([name]) => name === 'tabs.json')?.[1];
    expect(
      textOf(withMirrors(file, ours)).endsWith(
        '\t],\n\t"registry-mirrors": [\n\t\t"https://203.0.113.11:443",\n\t\t"https://tokyo.example:8443"\n\t]\n}\n',
      ),
    ).toBe(true);
  });

  test.each([
    ['no file', undefined],
    ['an empty file', ''],
    ['white space', ' \n\n'],
  ])('makes the smallest file of %s', (_, text) => {
    expect(textOf(withMirrors(text === undefined ? undefined : bytesOf(text), ['https://a.example:443']))).toBe(
      '{\n  "registry-mirrors": [\n    "https://a.example:443"\n  ]\n}\n',
    );
  });

  test('writes [] for none, which is what makes Docker forget', () => {
    const before = bytesOf('{\n  "registry-mirrors": ["https://a.example"],\n  "debug": true\n}\n');
    expect(textOf(withMirrors(before, []))).toBe('{\n  "registry-mirrors": [],\n  "debug": true\n}\n');
  });

  test('returns the very same bytes when the list is right already', () => {
    const before = bytesOf('{"registry-mirrors":  [ "https://a.example" ]}');
    expect(withMirrors(before, ['https://a.example'])).toBe(before);
  });
});

describe('a daemon.json that must not be touched', () => {
  test.each([
    ['a comment', '{ // hi\n}', 'daemon-json-syntax'],
    ['a trailing comma', '{"debug":true,}', 'daemon-json-syntax'],
    ['cut off', '{"debug":', 'daemon-json-syntax'],
    ['a list', '[]', 'daemon-json-not-object'],
    ['null', 'null', 'daemon-json-not-object'],
    ['a key twice', '{"debug":true,"debug":false}', 'daemon-json-duplicate-key'],
    ['a key twice by escapes', '{"debug":true,"\\u0064ebug":false}', 'daemon-json-duplicate-key'],
    ['a nested key twice', '{"log-opts":{"a":"1","a":"2"}}', 'daemon-json-duplicate-key'],
    ['mirrors that are a string', '{"registry-mirrors":"https://a.example"}', 'daemon-json-mirrors-type'],
    ['mirrors that are numbers', '{"registry-mirrors":[1]}', 'daemon-json-mirrors-type'],
    ['NUL', '{}\0', 'daemon-json-nul'],
    ['a megabyte and more', `{"a":"${'x'.repeat(1024 * 1024)}"}`, 'daemon-json-too-large'],
  ])('%s is refused by name', (_, text, code) => {
    expect(codeOf(bytesOf(text))).toBe(code);
  });

  test('UTF-16 and broken UTF-8 are refused by name', () => {
    expect(codeOf(new Uint8Array(Buffer.from('\uFEFF{}', 'utf16le')))).toBe('daemon-json-utf16');
    expect(codeOf(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('daemon-json-not-utf8');
  });
});

const url = fc.webUrl({ validSchemes: ['https', 'http'] });
const eols = fc.constantFrom('\n', '\r\n');
const indents = fc.constantFrom('  ', '    ', '\t', '');
/** Files as people and programs write them: any JSON object, indent, line ends, BOM, tail, with or without mirrors at any place. */
const files = fc
  .record({
    entries: fc.uniqueArray(fc.tuple(fc.string(), fc.jsonValue()), { selector: ([name]) => name, maxLength: 6 }),
    mirrors: fc.option(fc.array(url, { maxLength: 3 }), { nil: undefined }),
    place: fc.nat(6),
    eol: eols,
    indent: indents,
    bom: fc.boolean(),
    tail: fc.constantFrom('', '\n', '\n\n', ' '),
  })
  .map(({ entries, mirrors, place, eol, indent, bom, tail }) => {
    const others = entries.filter(([name]) => name !== 'registry-mirrors' && name !== '__proto__');
    const all: [string, unknown][] =
      mirrors === undefined
        ? others
        : others.toSpliced(Math.min(place, others.length), 0, ['registry-mirrors', mirrors]);
    const text = JSON.stringify(Object.fromEntries(all), undefined, indent).replaceAll('\n', eol);
    return { bytes: bytesOf(`${bom ? '\uFEFF' : ''}${text}${tail.replaceAll('\n', eol)}`), mirrors };
  });

describe('any daemon.json', () => {
  test('means the same but for its mirrors, and only one stretch of bytes differs', () => {
    fc.assert(
      fc.property(files, fc.array(url, { maxLength: 3 }), ({ bytes }, wanted) => {
        const after = withMirrors(bytes, wanted);
        const value = (file: Uint8Array) => JSON.parse(new TextDecoder().decode(file)) as Record<string, unknown>;
        expect(value(after)).toEqual({ ...value(bytes), 'registry-mirrors': wanted });
        const [a, b] = [textOf(bytes), textOf(after)];
        const list = /"registry-mirrors": ?(\[[^\]]*\])/d.exec(a)?.indices?.[1];
        const [from, to] = list ?? [a.lastIndexOf('}'), a.lastIndexOf('}')];
        const kept = list === undefined ? a.slice(0, from).trimEnd() : a.slice(0, from);
        expect(b.startsWith(kept)).toBe(true);
        expect(b.endsWith(a.slice(to))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('without the key gets it and loses it again to the very same bytes', () => {
    fc.assert(
      fc.property(files, fc.array(url, { minLength: 1, maxLength: 3 }), ({ bytes, mirrors }, wanted) => {
        if (mirrors !== undefined || /\{\s*\}/.test(textOf(bytes).slice(0, 8))) return;
        expect(textOf(withoutMirrors(withMirrors(bytes, wanted)))).toBe(textOf(bytes));
      }),
      { numRuns: 500 },
    );
  });
});
