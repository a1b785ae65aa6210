import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bounds, firstWindow, placeWindow, smallestWindow } from '../../../main/shell/window-place.ts';

const laptop: Bounds = { x: 0, y: 25, width: 1440, height: 875 };
const beside: Bounds = { x: 1440, y: 0, width: 2560, height: 1415 };
const kept = { x: 1600, y: 100, width: 1000, height: 700, maximized: false };

test('a first window stands in the middle of the primary display', () => {
  expect(placeWindow(undefined, [laptop, beside])).toEqual({ x: 160, y: 83, ...firstWindow, maximized: false });
});

test('a window opens where it was, on whichever display that is', () => {
  expect(placeWindow(kept, [laptop, beside])).toEqual(kept);
});

test('a window whose display is gone comes to the primary one, as large as it was and still maximised', () => {
  const place = placeWindow({ ...kept, maximized: true }, [laptop]);
  expect(place).toEqual({ x: 220, y: 113, width: 1000, height: 700, maximized: true });
});

test('a window that no longer fits its display is made smaller and moved into sight', () => {
  expect(placeWindow({ x: 600, y: 500, width: 3000, height: 2000, maximized: false }, [laptop])).toEqual({
    ...laptop,
    maximized: false,
  });
});

test('a window of which only a corner would be seen cannot be taken hold of, and comes back', () => {
  expect(placeWindow({ ...kept, x: 1380, y: 880 }, [laptop]).x).toBe(220);
});

test.each([
  ['so much of its upper edge is seen', { x: 1320 }, true],
  ['a little less is seen', { x: 1321 }, false],
  ['so much is seen of its other end', { x: -880 }, true],
  ['a little less of its other end', { x: -881 }, false],
  ['its upper edge is above the display by no more than a hand needs', { y: 25 - 32 }, true],
  ['its upper edge is further above', { y: 25 - 33 }, false],
  ['its upper edge is just seen below', { y: 900 - 32 }, true],
  ['its upper edge is not seen below', { y: 900 - 31 }, false],
])('a window stays on its display where %s', (_, moved, stays) => {
  const was = { x: 300, y: 200, width: 1000, height: 700, maximized: true, ...moved };
  const { x, y } = placeWindow(was, [laptop]);
  // In the middle is where a window comes to that was lost; one that stays is moved only as far as all of it is seen.
  if (stays) expect([x, y]).toEqual([Math.min(440, Math.max(0, was.x)), Math.min(200, Math.max(25, was.y))]);
  else expect([x, y]).toEqual([220, 113]);
});

test('a window stands on whole pixels, wherever a scaled display put it', () => {
  const { maximized: _, ...place } = placeWindow(
    { x: 100.4, y: 99.6, width: 1000.4, height: 700.6, maximized: false },
    [{ x: 0, y: 0, width: 1440.5, height: 875.5 }],
  );
  expect(place).toEqual({ x: 100, y: 100, width: 1000, height: 701 });
});

test('without any display a window has its first size', () => {
  expect(placeWindow(undefined, [])).toEqual({ x: 0, y: 0, ...firstWindow, maximized: false });
});

test('on a display smaller than the smallest window its upper left corner is seen', () => {
  const small: Bounds = { x: 10, y: 20, width: 640, height: 400 };
  expect(placeWindow(undefined, [small])).toEqual({ x: 10, y: 20, ...smallestWindow, maximized: false });
});

test('whatever was kept and whatever displays there are, a hand can take hold of the window', () => {
  const whole = fc.integer({ min: -20_000, max: 20_000 });
  const length = fc.integer({ min: 1, max: 20_000 });
  const place = fc.record({ x: whole, y: whole, width: length, height: length, maximized: fc.boolean() });
  const area = fc.record({
    x: whole,
    y: whole,
    width: fc.integer({ min: 640, max: 8000 }),
    height: fc.integer({ min: 400, max: 5000 }),
  });
  // Displays lie beside one another and never over one another.
  const displays = fc.array(area, { minLength: 1, maxLength: 4 }).map((areas) => {
    let right = areas[0]?.x ?? 0;
    return areas.map((each) => {
      const x = right;
      right += each.width;
      return { ...each, x };
    });
  });
  fc.assert(
    fc.property(fc.option(place, { nil: undefined }), displays, (was, areas) => {
      const now = placeWindow(was, areas);
      expect(now.width).toBeGreaterThanOrEqual(smallestWindow.width);
      expect(now.height).toBeGreaterThanOrEqual(smallestWindow.height);
      const held = areas.some(
        (each) =>
          now.y >= each.y &&
          now.y + 32 <= each.y + each.height &&
          Math.min(now.x + now.width, each.x + each.width) - Math.max(now.x, each.x) >= 120,
      );
      expect(held).toBe(true);
      // What was placed once stays there.
      expect(placeWindow(now, areas)).toEqual(now);
    }),
  );
});
