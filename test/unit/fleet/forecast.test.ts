import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskPoint, forecastOf, forecastRangeMs } from '../../../main/fleet/forecast.ts';

const day = 86_400_000;
const begin = 1_795_600_000_000;

/** A measurement every two hours of so many days, `free` after so many days. */
const measured = (days: number, free: (day: number) => number, freeInodes = 1e6): DiskPoint[] =>
  Array.from({ length: days * 12 + 1 }, (_, index) => ({
    at: begin + (index * day) / 12,
    freeBytes: free(index / 12),
    freeInodes,
  }));

describe('the forecast of a disk', () => {
  it('follows a steady growth to the day the disk is full', () => {
    expect(forecastOf(measured(5, (at) => 20e9 - at * 1e9))).toEqual({
      bytesPerDay: 1e9,
      fullInDays: expect.closeTo(15, 6) as number,
      measuredDays: 5,
    });
  });

  it('counts a prune as the room it made', () => {
    const found = forecastOf(measured(6, (at) => 20e9 - at * 1e9 + (at >= 3 ? 3e9 : 0)));
    expect(found?.bytesPerDay).toBeLessThan(1e9);
    expect(found?.fullInDays).toBeGreaterThan(17);
  });

  it.each([
    ['that empties', (at: number) => 20e9 + at * 1e9],
    ['that stands', () => 20e9],
    ['that takes a hundred years', (at: number) => 20e9 - at * 1e5],
  ])('%s names no day', (_, free) => {
    expect(forecastOf(measured(5, free))).not.toHaveProperty('fullInDays');
  });

  it('says when the inodes end, which may be sooner', () => {
    const points = measured(4, () => 20e9).map((point, index) => ({ ...point, freeInodes: 4_800 - index * 10 }));
    expect(forecastOf(points)?.inodesFullInDays).toBeCloseTo((4_800 - 480) / 120, 6);
  });

  it('has no inodes to speak of where their number stands', () => {
    expect(forecastOf(measured(5, (at) => 20e9 - at * 1e9))).not.toHaveProperty('inodesFullInDays');
  });

  it('looks ten years ahead and back for a week', () => {
    expect(forecastOf(measured(5, (at) => 3654e9 - at * 1e9))?.fullInDays).toBeCloseTo(3649, 6);
    expect(forecastOf(measured(5, (at) => 3656e9 - at * 1e9))).not.toHaveProperty('fullInDays');
    expect(forecastRangeMs).toBe(7 * day);
  });

  it('follows the line through uneven measurements with the least squares', () => {
    const points = [
      [0, 10],
      [1, 8],
      [3, 7],
    ].map(([at = 0, free = 0]) => ({ at: begin + at * day, freeBytes: free * 1e9, freeInodes: 1e6 }));
    // Through (0, 10), (1, 8), (3, 7): slope = -(13 / 14).
    expect(forecastOf(points)?.bytesPerDay).toBe(Math.round(13e9 / 14));
  });

  it('is not made from less than six hours', () => {
    expect(forecastOf([])).toBeUndefined();
    expect(forecastOf(measured(5, () => 1).slice(0, 3))).toBeUndefined();
    expect(forecastOf(measured(5, () => 1).slice(0, 4))).toBeDefined();
  });

  it('never names a day that is past or no number', () => {
    const point = fc.record({ freeBytes: fc.nat(), freeInodes: fc.nat() });
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 30 }), (points) => {
        const found = forecastOf(points.map((each, index) => ({ ...each, at: begin + index * day })));
        for (const days of [found?.fullInDays, found?.inodesFullInDays]) {
          if (days !== undefined) expect(days).toBeGreaterThanOrEqual(0);
        }
        expect(Number.isFinite(found?.bytesPerDay)).toBe(true);
      }),
    );
  });
});
