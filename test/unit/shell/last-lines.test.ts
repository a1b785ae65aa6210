import { expect, test } from 'vitest';
import { LastLines } from '../../../main/shell/last-lines.ts';

test('lines come together however they are cut', () => {
  const lines = new LastLines();
  for (const part of ['one\ntw', 'o\n\nthr', 'ee']) lines.add(part);
  expect(lines.all()).toEqual(['one', 'two', 'three']);
});

test('only the last lines are kept, and none is endless', () => {
  const lines = new LastLines();
  for (let at = 0; at < 1000; at += 1) lines.add(`${at} ${'x'.repeat(1000)}\n`);
  lines.add('y'.repeat(1_000_000));
  expect(lines.all()).toHaveLength(41);
  expect(lines.all()[0]).toMatch(/^960 x+$/);
  expect(Math.max(...lines.all().map((line) => line.length))).toBe(400);
});
