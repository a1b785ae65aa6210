import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOfText,
  bytesText,
  countText,
  dash,
  momentText,
  msText,
  percentText,
  rateText,
  spanText,
  timesText,
} from '../../../preload/contract/figures.ts';

describe('a share of a whole', () => {
  test.each([
    [0.5, '50%'],
    [0.985, '99%'],
    [0.986, '98.6%'],
    [0.9994, '99.9%'],
    [0.999_999, '99.9%'],
    [1, '100%'],
    [0.015, '2%'],
    [0.014, '1.4%'],
    [0.0006, '0.1%'],
    [0.000_001, '0.1%'],
    [0, '0%'],
  ])('of %d reads %s', (share, text) => expect(percentText(share, 'en')).toBe(text));

  test('reads as all of it, or as nothing, only where it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true }), (share) => {
        expect(['0%', '100%']).not.toContain(percentText(share, 'en'));
      }),
    );
  });
});

describe('bytes', () => {
  test.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9_949, '9.9 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [1e12, '1.0 TB'],
    [1e15, '1.0 PB'],
    [5e18, '5,000 PB'],
    [-999_500, '-1.0 MB'],
  ])('%d read %s', (bytes, text) => expect(bytesText(bytes, 'en')).toBe(text));

  test.each<[number | undefined, number | undefined, string]>([
    [5, 10, '5/10 B'],
    [1_200_000_000, 99_940_000_000, '1.2/99.9 GB'],
    [1_200_000_000, 99_960_000_000, '1.2/100 GB'],
    [120_000_000_000, 200_000_000_000, '120/200 GB'],
    [120_400_000_000, 200_400_000_000, '120/200 GB'],
    [0, 40_000_000_000, '0 B/40.0 GB'],
    [undefined, 40_000_000_000, '40.0 GB'],
    [undefined, undefined, dash],
  ])('%d of %d read %s', (part, whole, text) => expect(bytesOfText(part, whole, 'en')).toBe(text));
});

test.each([
  ['a rate', rateText],
  ['a latency', msText],
  ['how many times', timesText],
  ['a count', countText],
])('%s that is not measured is a dash', (_what, figure) => {
  expect(figure(undefined, 'en')).toBe(dash);
});

test.each<[string, () => string]>([
  ['9,999 ms', () => msText(9999, 'en')],
  ['10 s', () => msText(10_000, 'en')],
  ['0 ms', () => msText(0.4, 'en')],
  ['3.0×', () => timesText(3, 'en')],
  ['9.9×', () => timesText(9.94, 'en')],
  ['10×', () => timesText(9.95, 'en')],
  ['60,000', () => countText(60_000, 'en')],
  ['0', () => countText(0, 'en')],
  ['0 sec', () => spanText(-5, 'en')],
  ['59 sec', () => spanText(59_999, 'en')],
  ['1 min', () => spanText(60_000, 'en')],
  ['59 min', () => spanText(3_599_999, 'en')],
  ['1 hr', () => spanText(3_600_000, 'en')],
  ['23 hr', () => spanText(86_399_999, 'en')],
  ['1 day', () => spanText(86_400_000, 'en')],
])('a figure at the edge of its unit reads %s', (text, figure) => {
  expect(figure()).toBe(text);
});

test('a moment has its date, its time to the second and its zone', () => {
  expect(momentText(Date.UTC(2026, 10, 27, 12, 34, 56), 'en')).toMatch(/^Nov 2\d, 2026.*\d:\d4:56\s[AP]M \S+$/);
});
