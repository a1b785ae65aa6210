import { expect, test } from 'vitest';
import {
  bytesOfText,
  bytesText,
  dayText,
  msText,
  rateText,
  spanText,
  timesText,
  percentText,
} from '../../../preload/contract/figures.ts';
import { languageFor } from '../../../preload/contract/language.ts';
import { filled } from '../../../preload/contract/problem-words.ts';
import { readChoice } from '../../../renderer/words/language.ts';
import { sayingValues } from '../../../renderer/words/saying-values.ts';

test.each([
  [bytesText(undefined, 'en'), '–'],
  [bytesText(0, 'en'), '0 B'],
  [bytesText(999, 'en'), '999 B'],
  [bytesText(12_400_000_000, 'en'), '12.4 GB'],
  [bytesText(318_000, 'zh-CN'), '318 kB'],
  [bytesText(-2_500_000, 'en'), '-2.5 MB'],
  [bytesOfText(12_400_000_000, 40_000_000_000, 'en'), '12.4/40 GB'],
  [bytesOfText(318_000, 40_000_000_000, 'en'), '318 kB/40.0 GB'],
  [bytesOfText(5, undefined, 'en'), '5 B'],
  [rateText(38_000_000, 'en'), '38.0 MB/s'],
  [msText(84.4, 'en'), '84 ms'],
  [msText(1840, 'en'), '1,840 ms'],
  [msText(12_300, 'en'), '12 s'],
  [timesText(3.14, 'en'), '3.1×'],
  [timesText(0.9, 'en'), '0.9×'],
  [timesText(12.4, 'en'), '12×'],
  [timesText(9.97, 'en'), '10×'],
  [percentText(0.9, 'en'), '90%'],
  [percentText(0.9995, 'en'), '99.9%'],
  [percentText(1, 'en'), '100%'],
  [percentText(0, 'en'), '0%'],
  [percentText(undefined, 'en'), '–'],
  [spanText(240_000, 'en'), '4 min'],
  [spanText(240_000, 'zh-CN'), '4分钟'],
  [spanText(3 * 86_400_000, 'en'), '3 days'],
  [spanText(400, 'en'), '0 sec'],
  [dayText(Date.UTC(2026, 10, 27, 12), 'en'), 'Nov 27, 2026'],
])('a figure is written %s, unit and all', (written, expected) => {
  expect(written).toBe(expected);
});

test.each([
  ['system', ['zh-Hans-CN', 'en'], 'zh-CN'],
  ['system', ['de-DE', 'en-GB'], 'en'],
  ['system', ['fr'], 'en'],
  ['en', ['zh-CN'], 'en'],
  ['zh-CN', ['en'], 'zh-CN'],
] as const)('the choice %s on a computer that prefers %j speaks %s', (choice, preferred, language) => {
  expect(languageFor(choice, preferred)).toBe(language);
});

test('a kept choice that is none of ours is the system’s', () => {
  expect(readChoice('klingon')).toBe('system');
  expect(readChoice(null)).toBe('system');
  expect(readChoice('zh-CN')).toBe('zh-CN');
});

test('the values of a saying are written by the ends of their names', () => {
  const words = {
    span: (ms: number) => `${ms / 1000}s`,
    ms: (ms: number) => `${ms}ms`,
    bytes: (n: number) => `${n}B`,
    moment: (at: number) => `@${at}`,
  };
  expect(
    sayingValues(
      { presentMs: 5, resetsMs: 60_000, freedBytes: 6, seenAt: 7, count: 8, name: 'x', loudMs: 'as it is' },
      words,
    ),
  ).toEqual({
    presentMs: '5ms',
    resetsMs: '60s',
    freedBytes: '6B',
    seenAt: '@7',
    count: '8',
    name: 'x',
    loudMs: 'as it is',
  });
});

test('a sentence that asks for a fact that is not there is not said at all', () => {
  expect(filled('{{host}} refused', { host: 'alpha' })).toBe('alpha refused');
  expect(filled('{{host}} refused', {})).toBeUndefined();
  expect(filled('refused')).toBe('refused');
});
