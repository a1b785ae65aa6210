import type { Quota } from '../../preload/contract/status.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Docker Hub's `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`; undefined where an upstream sends neither. Pure. */
export function parseQuota(headers: Headers): Quota | undefined {
  const limit = parseRate(headers['ratelimit-limit']);
  const remaining = parseRate(headers['ratelimit-remaining']);
  if (!limit || !remaining) return undefined;
  return { limit: limit.count, remaining: remaining.count, windowSeconds: limit.window ?? remaining.window ?? 0 };
}

function parseRate(text: string | undefined): { readonly count: number; readonly window?: number } | undefined {
  const match = /^\s*(\d{1,12})\s*(?:;\s*w=(\d{1,9})\s*)?(?:;|$)/.exec(text ?? '');
  if (!match) return undefined;
  return { count: Number(match[1]), ...(match[2] !== undefined && { window: Number(match[2]) }) };
}

/** Seconds until an upstream wants to be asked again: `retry-after` as seconds or as a date, else `ratelimit-reset` in seconds. Pure. */
export function parseRetryAfter(headers: Headers, now: number): number | undefined {
  const text = headers['retry-after'] ?? headers['ratelimit-reset'];
  if (text === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text);
  // A bare number that is no plain count would be read as a year.
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.round((date - now) / 1000));
}
