import { expect, test } from 'vitest';
import { latencySeries, median, nodeLatency } from '../../../preload/contract/node-latency.ts';
import type { MirrorView } from '../../../preload/contract/status.ts';
import { timesDirect } from '../../../preload/contract/times-direct.ts';

const mirror = (more: Partial<MirrorView>): MirrorView => ({
  node: 'tokyo',
  upstream: 'docker.io',
  state: 'up',
  ...more,
});
const took = (manifestMs: number) => ({ manifestMs, at: 1 });

test.each([
  [[], undefined],
  [[7], 7],
  [[100, 2, 30], 30],
  [[9, 10, 100, 2], 9.5],
])('the middle of %j is %j', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test('a node is as fast as the middle of the last probes of all its mirrors, those that failed left out', () => {
  const mirrors = [
    mirror({ recentMs: [10, null, 12] }),
    mirror({ recentMs: [200, 300] }),
    mirror({ recentMs: [null] }),
  ];
  expect(nodeLatency({ mirrors })).toBe(106);
});

test('a mirror without a series has its last figure, or none', () => {
  expect(latencySeries({ mirrors: [mirror({ cached: took(40) }), mirror({})] })).toEqual([[40], []]);
  expect(nodeLatency({ mirrors: [mirror({})] })).toBeUndefined();
  expect(nodeLatency({ mirrors: [] })).toBeUndefined();
});

test.each([
  [took(40), took(120), 3],
  [took(100), took(50), 0.5],
  [took(0), took(120), undefined],
  [undefined, took(120), undefined],
  [took(40), undefined, undefined],
  [{ at: 1 }, took(120), undefined],
  [took(40), { at: 1 }, undefined],
])('a mirror that took %j where the upstream takes %j is %j times as fast', (cached, direct, times) => {
  expect(timesDirect({ cached, direct })).toBe(times);
});
