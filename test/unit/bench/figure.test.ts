import { expect, test } from 'vitest';
import { figure } from '../../bench/figure.ts';

const what = { name: 'a figure', unit: 'ms' };

test('the ratio of a figure is the median of the rounds, so that a round in which everything was slow does not count', () => {
  const taken = figure({ ...what, ours: [10, 1000, 12], other: [20, 2000, 20], goal: 0.5 });
  expect(taken).toMatchObject({ ours: 12, other: 20, ratio: 0.5, met: true });
  expect(figure({ ...what, ours: [10, 1000, 12], other: [20, 1000, 20], goal: 0.5 })).toMatchObject({
    ratio: 0.6,
    met: false,
  });
});

test('a figure without another is judged by its own value, between the two middle rounds where there is no middle one', () => {
  expect(figure({ ...what, ours: [4, 1, 3, 2], goal: 2.5 })).toMatchObject({
    ours: 2.5,
    other: null,
    ratio: null,
    met: true,
  });
  expect(figure({ ...what, ours: [3], goal: 4, direction: 'at least' }).met).toBe(false);
  expect(figure({ ...what, ours: [3] }).met).toBeNull();
});

test('a figure of which nothing was measured does not meet its goal', () => {
  expect(figure({ ...what, ours: [], goal: 1 }).met).toBe(false);
  expect(figure({ ...what, ours: [Number.NaN], goal: 1 }).met).toBe(false);
});
