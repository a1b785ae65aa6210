import { dateFormat, numberFormat } from './formats.ts';

/** Figures as people read them, the same everywhere: a number, a space, its unit. A value that is not there is a dash. */

export const dash = '–';

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

function scaled(bytes: number): { readonly value: number; readonly unit: number } {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return { value, unit };
}

/** At most three figures: `12.4`, `318`, `0`. */
function short(value: number, whole: boolean, language: string): string {
  const digits = whole || Math.abs(value) >= 99.95 ? 0 : 1;
  return numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** Bytes, decimal as engines count them: `12.4 GB`. */
export function bytesText(bytes: number | undefined, language: string): string {
  if (bytes === undefined) return dash;
  const { value, unit } = scaled(bytes);
  return `${short(value, unit === 0, language)} ${byteUnits[unit] ?? 'B'}`;
}

/** A part of a whole with the unit once where it is the same: `12.4/40 GB`, `318 kB/40.0 GB`. */
export function bytesOfText(part: number | undefined, whole: number | undefined, language: string): string {
  if (part === undefined || whole === undefined) return bytesText(part ?? whole, language);
  const [a, b] = [scaled(part), scaled(whole)];
  if (a.unit !== b.unit) return `${bytesText(part, language)}/${bytesText(whole, language)}`;
  return `${short(a.value, a.unit === 0, language)}/${numberFormat(language, { maximumFractionDigits: b.value < 99.95 ? 1 : 0 }).format(b.value)} ${byteUnits[b.unit] ?? 'B'}`;
}

/** Bytes in a second: `38.0 MB/s`. */
export function rateText(bytesPerSecond: number | undefined, language: string): string {
  return bytesPerSecond === undefined ? dash : `${bytesText(bytesPerSecond, language)}/s`;
}

/** A latency: `84 ms`, from ten seconds on `12 s`. */
export function msText(ms: number | undefined, language: string): string {
  if (ms === undefined) return dash;
  const number = numberFormat(language, { maximumFractionDigits: 0 });
  return ms < 10_000 ? `${number.format(ms)} ms` : `${number.format(ms / 1000)} s`;
}

/** How many times: `3.1×`, from ten on `12×`. */
export function timesText(times: number | undefined, language: string): string {
  if (times === undefined) return dash;
  const digits = times < 9.95 ? 1 : 0;
  return `${numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(times)}×`;
}

export function countText(count: number | undefined, language: string): string {
  return count === undefined ? dash : numberFormat(language).format(count);
}

/** A share of 0 to 1: `97%`, `99.8%`; never rounded up to all or down to nothing. */
export function percentText(share: number | undefined, language: string): string {
  if (share === undefined) return dash;
  const partly = share > 0 && share < 1;
  const digits = partly && (share > 0.985 || share < 0.015) ? 1 : 0;
  const shown = partly ? Math.min(Math.max(share, 0.0006), 0.9994) : share;
  return numberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(shown);
}

const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** A span of time by its largest unit, rounded down, in the reader's words: `3 days`, `2 hr`, `4 min`, `4分钟`. */
export function spanText(ms: number, language: string): string {
  const length = Math.max(0, ms);
  const [unit, size] = spans.find(([, each]) => length >= each) ?? ['second', 1000];
  return numberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.floor(length / size));
}

/** A moment in full: date and time to the second, in the reader's own zone, with its name. */
export function momentText(at: number, language: string): string {
  return dateFormat(language, { dateStyle: 'medium', timeStyle: 'long' }).format(at);
}

/** A day: `27 Nov 2026`. */
export function dayText(at: number, language: string): string {
  return dateFormat(language, { dateStyle: 'medium' }).format(at);
}
