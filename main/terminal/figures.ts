/** Words and figures of the command line: pure, both directions. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes as people read them, decimal like `docker images`: `12.4 GB`, `318 kB`, `0 B`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'TB'}`;
}

/** Milliseconds as `84 ms` or, from ten seconds, `12 s`; a missing value is a dash. */
export function latencyText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

const spans = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A span of seconds by its largest unit: `3 d`, `2 h`, `4 min`, `12 s`. */
export function spanText(seconds: number): string {
  for (const [unit, size] of spans) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return '0 s';
}

/** How long ago (ms since 1970) as `4 min ago`; `never` where there is no time. */
export function agoText(at: number | undefined, now: number): string {
  return at === undefined || at === 0 ? 'never' : `${spanText(Math.max(0, (now - at) / 1000))} ago`;
}

/** Seconds of `30d`, `12h`, `15min`, `90s` or `2w`; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)$/.exec(text.trim());
  if (!match) return undefined;
  const size = { s: 1, min: 60, m: 60, h: 3600, d: 86_400, w: 604_800 }[match[2] ?? ''];
  return size === undefined ? undefined : Number(match[1]) * size;
}

/** Bytes of `10GB`, `500 MB`, `2GiB` or a plain number; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|[kKMGT]i?B)?$/.exec(text.trim());
  if (!match) return undefined;
  const unit = match[2] ?? 'B';
  const power = unit === 'B' ? 0 : 'kMGT'.indexOf(unit.charAt(0).replace('K', 'k')) + 1;
  return Math.round(Number(match[1]) * (unit.includes('i') ? 1024 : 1000) ** power);
}
