import { expect, test } from 'vitest';
import type { HistoryPoint, MirrorHistory } from '../../../preload/contract/history.ts';
import {
  chartData,
  lonePoints,
  openingRange,
  tableRows,
  trafficSum,
} from '../../../renderer/pages/mirror/chart-data.ts';
import { hitShare, savedBytes } from '../../../renderer/pages/mirror/mirror-figures.ts';
import { daysState, fullInDays } from '../../../renderer/pages/node/node-figures.ts';

const point = (at: number, p50: number | undefined, failed = 0): HistoryPoint => ({
  at,
  samples: p50 === undefined ? 0 : 1,
  failed,
  ...(p50 !== undefined && { p50 }),
});
const past = (changed: Partial<MirrorHistory>): MirrorHistory => ({
  widthMs: 1000,
  gapMs: 5000,
  cached: [],
  uncached: [],
  direct: [],
  traffic: [],
  ...changed,
});

test('three series share one axis of time; where only others were measured a line goes on', () => {
  const data = chartData(past({ cached: [point(0, 10), point(1000, 11), point(2000, 12)], direct: [point(1000, 90)] }));
  expect(data.times).toEqual([0, 1, 2]);
  expect(data.cached).toEqual([10, 11, 12]);
  expect(data.direct).toEqual([undefined, 90, undefined]);
  expect(data.uncached).toEqual([undefined, undefined, undefined]);
});

test('a hole in what was measured is a gap in the line', () => {
  const data = chartData(past({ cached: [point(0, 10), point(1000, 11), point(2000, 12), point(9000, 13)] }));
  expect(data.times).toEqual([0, 1, 2, 3, 9]);
  expect(data.cached).toEqual([10, 11, 12, null, 13]);
});

test('a gap stays a gap where the other series went on', () => {
  const data = chartData(
    past({
      cached: [point(0, 10), point(1000, 11), point(9000, 13)],
      direct: [2000, 4000, 6000].map((at) => point(at, 90)),
    }),
  );
  expect(data.times).toEqual([0, 1, 2, 4, 6, 9]);
  expect(data.cached).toEqual([10, 11, null, null, null, 13]);
});

test('points nearer than the core’s own idea of a gap belong to one line', () => {
  const uncached = [0, 5000, 10_000, 15_000].map((at) => point(at, 300));
  expect(chartData(past({ uncached })).uncached).not.toContain(null);
});

test('where every probe failed the line breaks and the failure stands on the ground', () => {
  const data = chartData(past({ cached: [point(0, 10), point(1000, undefined, 3), point(2000, 12)] }));
  expect(data.cached).toEqual([10, null, 12]);
  expect(data.failed).toEqual([1]);
});

test.each([
  ['the only one', [7], [0]],
  ['one between breaks', [1, 2, null, 7, null, 3, 4], [3]],
  ['one whose neighbours on the axis are others', [undefined, 7, undefined, undefined], [1]],
  ['one at an end', [1, 2, null, undefined, 7], [4]],
  ['two that others stand between', [1, undefined, 2], []],
  ['a line with a break', [1, 2, null, 3, 4], []],
  ['none', [], []],
])('a dot is drawn for a point that no line leads to: %s', (_, line, alone) => {
  expect(lonePoints(line)).toEqual(alone);
});

test.each([
  ['minutes old', [86_000_000], '1h'],
  ['under two hours old', [79_300_000, 86_000_000], '1h'],
  ['older than two hours', [79_000_000, 86_000_000], '24h'],
  ['never measured', [], '24h'],
])('the page of a mirror that is %s opens with what holds its past', (_, times, range) => {
  const points = times.map((at) => point(at, 10));
  expect(openingRange(past({ cached: points.slice(1), direct: points.slice(0, 1) }), 86_400_000)).toBe(range);
});

test('nothing measured is nothing drawn', () => {
  expect(chartData(past({})).times).toEqual([]);
  expect(tableRows(past({}), 0, 1000)).toEqual([]);
});

test('the table says the same, newest first, and leaves out what was not measured', () => {
  const rows = tableRows(
    past({ cached: [point(0, 10), point(100, 20), point(3500, 40, 2)], direct: [point(3600, 90)] }),
    0,
    4000,
    4,
  );
  expect(rows).toEqual([
    { at: 3000, cached: 40, uncached: undefined, direct: 90, failed: 2 },
    { at: 0, cached: 15, uncached: undefined, direct: undefined, failed: 0 },
  ]);
});

test('traffic of a stretch is summed; what was saved is never less than nothing', () => {
  const sum = trafficSum(
    past({ traffic: [1, 2].map((at) => ({ at, hits: 9, misses: 1, servedBytes: 100, fetchedBytes: 30 })) }),
  );
  expect(sum).toEqual({ hits: 18, misses: 2, servedBytes: 200, fetchedBytes: 60 });
  expect([hitShare(sum), savedBytes(sum)]).toEqual([0.9, 140]);
  expect(savedBytes({ servedBytes: 1, fetchedBytes: 5 })).toBe(0);
  expect(hitShare({ hits: 0, misses: 0 })).toBeUndefined();
});

test('a disk is full when its bytes or its inodes are, whichever is sooner', () => {
  const forecast = { bytesPerDay: 1, measuredDays: 3 };
  expect(fullInDays(forecast)).toBeUndefined();
  expect(fullInDays({ ...forecast, fullInDays: 58, inodesFullInDays: 7 })).toBe(7);
});

test.each([
  [undefined, 'up'],
  [71, 'up'],
  [13, 'slow'],
  [0.5, 'down'],
  [-2, 'down'],
])('%s days left is %s', (days, state) => {
  expect(daysState(days)).toBe(state);
});
