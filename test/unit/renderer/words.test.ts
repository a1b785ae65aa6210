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

test.each<[written: string, figure: () => string]>([
  ['–', () => bytesText(undefined, 'en')],
  ['0 B', () => bytesText(0, 'en')],
  ['999 B', () => bytesText(999, 'en')],
  ['12.4 GB', () => bytesText(12_400_000_000, 'en')],
  ['318 kB', () => bytesText(318_000, 'zh-CN')],
  ['-2.5 MB', () => bytesText(-2_500_000, 'en')],
  ['12.4/40 GB', () => bytesOfText(12_400_000_000, 40_000_000_000, 'en')],
  ['318 kB/40.0 GB', () => bytesOfText(318_000, 40_000_000_000, 'en')],
  ['5 B', () => bytesOfText(5, undefined, 'en')],
  ['38.0 MB/s', () => rateText(38_000_000, 'en')],
  ['84 ms', () => msText(84.4, 'en')],
  ['1,840 ms', () => msText(1840, 'en')],
  ['12 s', () => msText(12_300, 'en')],
  ['3.1×', () => timesText(3.14, 'en')],
  ['0.9×', () => timesText(0.9, 'en')],
  ['12×', () => timesText(12.4, 'en')],
  ['10×', () => timesText(9.97, 'en')],
  ['90%', () => percentText(0.9, 'en')],
  ['99.9%', () => percentText(0.9995, 'en')],
  ['100%', () => percentText(1, 'en')],
  ['0%', () => percentText(0, 'en')],
  ['–', () => percentText(undefined, 'en')],
  ['4 min', () => spanText(240_000, 'en')],
  ['4分钟', () => spanText(240_000, 'zh-CN')],
  ['3 days', () => spanText(3 * 86_400_000, 'en')],
  ['0 sec', () => spanText(400, 'en')],
  ['Nov 27, 2026', () => dayText(Date.UTC(2026, 10, 27, 12), 'en')],
])('a figure is written %s, unit and all', (written, figure) => {
  expect(figure()).toBe(written);
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
