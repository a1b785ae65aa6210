/** A rectangle of the desktop in its own (scaled) pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a window was when it was last seen; the bounds are those it has when it is not maximised. */
export interface WindowPlace extends Bounds {
  readonly maximized: boolean;
}

/** The smallest window in which every page still works, and the one that a first start shows. */
export const smallestWindow = { width: 720, height: 480 } as const;
export const firstWindow = { width: 1120, height: 760 } as const;

/** So much of a window's upper edge must lie on a display that a hand can take hold of it. */
const grip = { width: 120, height: 32 } as const;

/**
 * Where a window opens on the displays that there are now (`workAreas`, the primary one first): where it was, if it can still be taken hold
 * of there, else in the middle of the primary display; never larger than its display nor smaller than pages need.
 */
export function placeWindow(kept: WindowPlace | undefined, workAreas: readonly Bounds[]): WindowPlace {
  const home = workAreas[0] ?? { x: 0, y: 0, ...firstWindow };
  const area = kept && workAreas.find((each) => canBeHeld(kept, each));
  const display = area ?? home;
  const width = size(kept?.width ?? firstWindow.width, smallestWindow.width, display.width);
  const height = size(kept?.height ?? firstWindow.height, smallestWindow.height, display.height);
  if (kept && area) {
    const x = inside(kept.x, width, area.x, area.width);
    const y = inside(kept.y, height, area.y, area.height);
    return { x, y, width, height, maximized: kept.maximized };
  }
  return {
    x: Math.round(home.x + Math.max(0, home.width - width) / 2),
    y: Math.round(home.y + Math.max(0, home.height - height) / 2),
    width,
    height,
    maximized: kept?.maximized ?? false,
  };
}

/** Whether enough of the window's upper edge lies on a display. */
function canBeHeld(window: Bounds, area: Bounds): boolean {
  const seen = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return seen >= grip.width && window.y >= area.y - grip.height && window.y + grip.height <= area.y + area.height;
}

const size = (wanted: number, least: number, most: number): number =>
  Math.max(least, Math.min(Math.round(wanted), Math.round(most)));

/** Moves an edge so that the whole stretch is seen; one longer than its display begins where the display does. */
const inside = (at: number, length: number, from: number, room: number): number =>
  Math.round(Math.max(from, Math.min(at, from + room - length)));
