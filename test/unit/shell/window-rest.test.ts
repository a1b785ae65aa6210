import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { restAfterMs, WindowRest } from '../../../main/shell/window-rest.ts';

describe('a window that nobody sees', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes to rest a minute after it was put away, once', () => {
    const rest = vi.fn();
    new WindowRest(rest).unseen();
    vi.advanceTimersByTime(restAfterMs - 1);
    expect(rest).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10 * restAfterMs);
    expect(rest).toHaveBeenCalledOnce();
  });

  it('stays when it is shown again in time, and has its whole minute after the next time', () => {
    const rest = vi.fn();
    const window = new WindowRest(rest);
    window.unseen();
    vi.advanceTimersByTime(restAfterMs - 1);
    window.seen();
    vi.advanceTimersByTime(10 * restAfterMs);
    expect(rest).not.toHaveBeenCalled();
    window.unseen();
    vi.advanceTimersByTime(restAfterMs - 1);
    window.unseen();
    vi.advanceTimersByTime(restAfterMs - 1);
    expect(rest).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(rest).toHaveBeenCalledOnce();
  });
});
