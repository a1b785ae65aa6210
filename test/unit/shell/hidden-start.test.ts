import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showWithoutTray } from '../../../main/shell/hidden-start.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a hidden start on a desktop that shows no trays shows the window once the desktop had its time', () => {
  const show = vi.fn();
  showWithoutTray({ there: () => false }, show, 30_000);
  vi.advanceTimersByTime(29_999);
  expect(show).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(show).toHaveBeenCalledOnce();
});

test('where the tray came meanwhile, or the app ended, no window comes', () => {
  const show = vi.fn();
  let there = false;
  showWithoutTray({ there: () => there }, show, 30_000);
  showWithoutTray({ there: () => false }, show, 30_000)();
  there = true;
  vi.advanceTimersByTime(60_000);
  expect(show).not.toHaveBeenCalled();
});
