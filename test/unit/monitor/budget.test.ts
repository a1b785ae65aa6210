import { expect, test } from 'vitest';
import { Budget, questionsAnHour, questionsAtOnce } from '../../../main/monitor/budget.ts';

const hour = 3_600_000;
let now = 0;
const taken = (budget: Budget, key: string, tries = 1_000): number =>
  Array.from({ length: tries }, () => budget.take(key)).filter(Boolean).length;

test('so many questions may be asked at once, and then one each time that an hour’s share has passed', () => {
  now = 5 * hour;
  const budget = new Budget(() => now);
  expect(taken(budget, 'a')).toBe(questionsAtOnce);
  now += hour / questionsAnHour - 1;
  expect(budget.take('a')).toBe(false);
  now += 1;
  expect([budget.take('a'), budget.take('a')]).toEqual([true, false]);
});

test('what is not asked is saved up, but never more than may be asked at once', () => {
  const budget = new Budget(() => now);
  taken(budget, 'a');
  now += hour / 4;
  expect(taken(budget, 'a')).toBe(questionsAnHour / 4);
  now += 24 * hour;
  expect(taken(budget, 'a')).toBe(questionsAtOnce);
});

test('one place’s questions are not another’s', () => {
  const budget = new Budget(() => now);
  taken(budget, 'a');
  expect([budget.take('a'), budget.take('b')]).toEqual([false, true]);
});

test('a clock that is set back gives nothing and takes nothing', () => {
  const budget = new Budget(() => now);
  expect(taken(budget, 'a', 20)).toBe(20);
  now -= hour;
  expect(taken(budget, 'a')).toBe(questionsAtOnce - 20);
  now += hour / questionsAnHour;
  expect(taken(budget, 'a')).toBe(1);
});
