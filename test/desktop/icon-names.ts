import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { appFolder } from './app-folder.ts';
import type { IconPixmap } from './session-bus.ts';

/** Beyond this share of full opacity, on the average of all pixels, two pictures are not the same one. */
const tolerance = 0.02;

/** The name of our picture that a tray shows, without its size and ending; what it is not is said with how far it is from the nearest. */
export function nameOfIcon(shown: readonly IconPixmap[]): string {
  const picture = shown.toSorted((a, b) => b.width - a.width)[0];
  if (picture === undefined) return 'no picture';
  const alphas = Buffer.from(picture.argb, 'base64').filter((_, at) => at % 4 === 0);
  const [nearest] = ours(picture.width)
    .map(({ name, opacity }) => ({ name, distance: distance(alphas, opacity) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (nearest === undefined) return `no picture of ours has ${picture.width} pixels`;
  return nearest.distance <= tolerance ? nearest.name : `none of ours (${nearest.name} is ${nearest.distance} away)`;
}

const known = new Map<number, readonly { name: string; opacity: Uint8Array }[]>();

/** Our pictures of that size, by what of each pixel covers the panel: the shape, whatever its colour. */
function ours(size: number): readonly { name: string; opacity: Uint8Array }[] {
  const found =
    known.get(size) ??
    readdirSync(appFolder.icons)
      .filter((file) => file.endsWith('.png'))
      .map((file) => ({ name: basename(file, '.png'), pixels: rgba(join(appFolder.icons, file)) }))
      .filter(({ pixels }) => pixels.length === size * size * 4)
      .map(({ name, pixels }) => ({ name, opacity: pixels.filter((_, at) => at % 4 === 3) }));
  known.set(size, found);
  return found;
}

const rgba = (file: string): Buffer => execFileSync('convert', [file, '-depth', '8', 'rgba:-'], { maxBuffer: 1 << 24 });

function distance(a: Uint8Array, b: Uint8Array): number {
  const sum = a.reduce((total, value, at) => total + Math.abs(value - (b[at] ?? 0)), 0);
  return sum / (255 * a.length);
}
