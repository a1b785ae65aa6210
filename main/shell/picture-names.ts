import type { TrayIcon } from './tray-view.ts';

/** Whether a picture is drawn dark or light: what is under it decides. */
export type Shade = 'dark' | 'light';

/** The drawings of the tray (`resources/icons/tray-*.svg`). Work is told by two that follow each other. */
export const drawings = ['through', 'direct', 'degraded', 'down', 'busy-1', 'busy-2'] as const;
export type Drawing = (typeof drawings)[number];

export function drawingOf(icon: TrayIcon, frame: 0 | 1): Drawing {
  if (icon !== 'busy') return icon;
  return frame === 0 ? 'busy-1' : 'busy-2';
}

/** Every width in px that a drawing is made in: 16, 22, 24 and 32, and what a screen of 125 to 200 % needs of these. */
export const widths = [16, 20, 22, 24, 32, 44, 48, 64] as const;

export const fileOf = (drawing: Drawing, shade: Shade, width: number): string =>
  `tray-${drawing}-${shade}-${width}.png`;

/** The widths of one picture by the scale of the screen, as each system shows its tray. */
export function scalesOf(platform: NodeJS.Platform): readonly { readonly scale: number; readonly width: number }[] {
  const size = platform === 'linux' ? 22 : 16;
  return [1, 1.25, 1.5, 2]
    .map((scale) => ({ scale, width: size * scale }))
    .filter(({ width }) => widths.some((each) => each === width));
}

/**
 * Dark on light or light on dark. macOS turns a template by itself. On Linux the theme of windows says nothing of the panel: GNOME's is black
 * with light windows too. Pure.
 */
export function shadeOf(platform: NodeJS.Platform, desktop: string, dark: boolean): Shade {
  if (platform === 'darwin') return 'dark';
  const blackPanel = platform === 'linux' && /gnome|unity|pantheon/i.test(desktop);
  return dark || blackPanel ? 'light' : 'dark';
}
