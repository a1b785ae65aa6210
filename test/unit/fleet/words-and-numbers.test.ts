import { describe, expect, it } from 'vitest';
import { median, quotaSaying, spanInWords } from '../../../main/fleet/status-words.ts';

const second = 1000;
const hour = 3_600_000;

it.each([
  [-1, '0 s'],
  [0, '0 s'],
  [0.4, '0 ms'],
  [84, '84 ms'],
  [999.4, '999 ms'],
  [999.5, '1 s'],
  [1_250, '1.3 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59.4 * second, '59 s'],
  [59.5 * second, '1 min'],
  [59 * 60 * second, '59 min'],
  [60 * 60 * second, '1 h'],
  [47.4 * hour, '47 h'],
  [48 * hour, '2 d'],
  [71 * hour, '3 d'],
])('%d ms are %s', (ms, words) => {
  expect(spanInWords(ms)).toBe(words);
});

it.each<[number[], number | undefined]>([
  [[], undefined],
  [[7], 7],
  [[9, 1, 5], 5],
  [[8, 2, 4, 100], 6],
])('the middle of %j is %s', (values, middle) => {
  expect(median(values)).toBe(middle);
});

describe('of a quota that is used up', () => {
  const now = 1_000_000_000;
  const quota = { limit: 100, remaining: 0, windowSeconds: 21_600 };
  const left = { remaining: 0, limit: 100 };

  it.each([
    ['nothing is known but the refusal', {}, { code: 'too-many-requests' }],
    [
      'the upstream says when it resets, and nothing else',
      { resetsInSeconds: 60 },
      { code: 'too-many-requests-resets-in', values: { resetsMs: 59_000 } },
    ],
    [
      'the upstream says when it resets',
      { quota, resetsInSeconds: 60 },
      { code: 'quota-left-resets-in', values: { ...left, resetsMs: 59_000 } },
    ],
    [
      'it should have been reset already',
      { quota, resetsInSeconds: 0 },
      { code: 'quota-left-resets-in', values: { ...left, resetsMs: 0 } },
    ],
    [
      'only its window is known',
      { quota },
      { code: 'quota-left-resets-within', values: { ...left, resetsMs: 21_600_000 } },
    ],
    [
      'its window is known and since when it is used up',
      { quota, exhaustedSince: now - hour },
      { code: 'quota-left-resets-within', values: { ...left, resetsMs: 5 * hour } },
    ],
    [
      'its window is over, which is said as a minute',
      { quota, exhaustedSince: now - 7 * hour },
      { code: 'quota-left-resets-within', values: { ...left, resetsMs: 60_000 } },
    ],
    ['no window is known', { quota: { ...quota, windowSeconds: 0 } }, { code: 'quota-left', values: left }],
  ])('%s', (_, answer, saying) => {
    // Answered a second ago.
    expect(quotaSaying({ at: now - second, ...answer }, now)).toEqual(saying);
  });
});
