import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureSayings } from '../../../main/monitor/failures.ts';
import { say } from '../../../main/terminal/sayings.ts';
import english from '../../../resources/translations/en/sayings.json' with { type: 'json' };
import chinese from '../../../resources/translations/zh-CN/sayings.json' with { type: 'json' };

const blanks = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').toSorted();
const blanksOf = (sentences: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(sentences).map(([code, sentence]) => [code, blanks(sentence)]));

test('every sentence is there in both languages, with the same blanks to fill', () => {
  expect(blanksOf(chinese)).toEqual(blanksOf(english));
});

test('every failure can be said, and be said of new images only', () => {
  const missing = [...failureSayings]
    .flatMap((code) => [code, `new-images-${code}`])
    .filter((code) => !(code in english));
  expect(missing).toEqual([]);
});

test('everything that the core says as data has its sentence', () => {
  const main = join(import.meta.dirname, '../../../main');
  const said = readdirSync(main, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      // A saying has its code alone or its values beside it; a problem has a message.
      ...readFileSync(join(main, file), 'utf8').matchAll(/\{\s*code: '([a-z0-9-]+)'(?:,?\s*\}|,\s*values\b)/g),
    ])
    .map(([, code = '']) => code);
  expect(said.length).toBeGreaterThan(60);
  expect(said.filter((code) => !(code in english))).toEqual([]);
});

test.each([
  [84.4, '84 ms'],
  [640, '640 ms'],
  [1_240, '1.2 s'],
  [1_000, '1 s'],
  [9_949, '9.9 s'],
  [40_000, '40 s'],
  [240_000, '4 min'],
  [7_200_000, '2 h'],
  [3 * 86_400_000, '3 d'],
  [0, '0 s'],
  [-5, '0 s'],
])('a value of %d ms is said as %s', (agoMs, text) => {
  expect(say({ code: 'last-asked', values: { agoMs } })).toBe(`last asked ${text} ago`);
});
