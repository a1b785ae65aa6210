import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import english from '../../../resources/translations/en/problems.json' with { type: 'json' };
import chinese from '../../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import { coreProblems, problemsIn } from './problem-codes.ts';

const root = join(import.meta.dirname, '../../..');
const written = coreProblems(root);
const codes = new Set(written.map(({ code }) => code));
const inChinese: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = chinese;
const inEnglish: Readonly<Record<string, { readonly message?: string; readonly hint?: string }>> = english;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((each) => each[1] ?? '');

test('every problem of the core can be said in Chinese, and nothing else is kept', () => {
  // A code that is missing here wants an entry in resources/translations/zh-CN/problems.json; one too many is not thrown by anything.
  expect(Object.keys(inChinese).toSorted()).toEqual([...codes].toSorted());
});

test('a hint that the pages say in their own words belongs to a problem of the core', () => {
  expect(Object.keys(inEnglish).filter((code) => !codes.has(code))).toEqual([]);
});

test('what a page says of a problem never sends the reader to the command line', () => {
  const toTerminal = Object.entries({ ...inChinese, ...inEnglish }).filter(
    ([code, { hint = '' }]) =>
      !code.startsWith('core-') && /mirrorfleet (node|status|switch|cache|settings)|--\w/.test(hint),
  );
  expect(toTerminal.map(([code]) => code)).toEqual([]);
});

test('Chinese is Chinese: two sentences for each problem, which address the reader as 你', () => {
  for (const [code, { message, hint }] of Object.entries(inChinese)) {
    expect([message, hint], code).toEqual([
      expect.stringMatching(/[\u4e00-\u9fff].*[。）]$/),
      expect.stringMatching(/[\u4e00-\u9fff]/),
    ]);
    expect(`${message}${hint}`, code).not.toMatch(/您|[\u4e00-\u9fff][,;!?]/);
  }
});

test('a fact that stands in a sentence is one that the problem carries', () => {
  const unknown = Object.entries(inChinese).flatMap(([code, { message, hint }]) => {
    const files = written
      .filter((each) => each.code === code)
      .map((each) => readFileSync(join(root, each.file), 'utf8'));
    return placeholders(message + hint)
      .filter((name) => !files.some((text) => new RegExp(`detail.*\\b${name}\\b`).test(text)))
      .map((name) => `${code}: ${name}`);
  });
  expect(unknown).toEqual([]);
});

test('a problem that a picture shows is one of the core, with the facts that its sentences name', () => {
  const pages = join(root, 'test/pages');
  const sources = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((each) => /\.tsx?$/.test(each));
  const shown = sources.flatMap((file) => problemsIn(file, readFileSync(join(pages, file), 'utf8')));
  const wanting = shown.flatMap(({ code, file, detail }) => {
    const said = inChinese[code];
    const facts = placeholders(`${said?.message}${said?.hint}`).filter((fact) => !detail.includes(fact));
    return said === undefined || facts.length > 0 ? [`${file}: ${code} ${facts.join()}`] : [];
  });
  expect(shown.length).toBeGreaterThan(15);
  expect(wanting).toEqual([]);
});

test.each([
  ['an object', `fail({ code: 'a-b', message: 'm', hint: 'h', detail: { host: 'x' } })`, ['a-b']],
  ['a choice of two', `const p = { code: x ? 'a-b' : 'c-d', message: 'm', hint: 'h' }`, ['a-b', 'c-d']],
  ['a cause whose message is made elsewhere', `const cause = { code: 'a-b', why: 'w', hint: 'h' }`, ['a-b']],
  ['a call', `refuse('a-b', 'it is so', 'Do that.')`, ['a-b']],
  ['a call without a hint of its own', `refuse('a-b', 'it is so')`, ['a-b']],
  ['a verdict', `return ['a-b', 'It is so.', 'Do that.']`, ['a-b']],
  ['a saying is none', `const said = { code: 'a-b', values: { n: 1 } }`, []],
  ['a list of words is none', `const list = ['a-b', 'c-d', 'e-f']`, []],
])('codes are read from the source as %s', (_form, source, expected) => {
  expect(problemsIn('x.ts', source).map(({ code }) => code)).toEqual(expected);
});
