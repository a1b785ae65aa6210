import type { Saying } from '../../preload/contract/saying.ts';
import type { Quota } from '../../preload/contract/status.ts';

/** A span as people say it, rounded to one unit: `84 ms`, `1.2 s`, `40 s`, `4 min`, `2 h`, `3 d`. */
export function spanInWords(ms: number): string {
  if (ms < 0) return '0 s';
  if (ms > 0 && ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 60 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 60 * 60) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/**
 * Why nothing new can be pulled: `429, 0 of 100 pulls left, resets in 2 h`. An upstream rarely says when it resets; then the window bounds
 * it (`resets within 4 h`), shortened by the time since the quota was first seen at 0, because refused pulls do not count.
 */
export function quotaSaying(
  answer: {
    readonly quota?: Quota;
    readonly resetsInSeconds?: number;
    readonly exhaustedSince?: number;
    readonly at: number;
  },
  now: number,
): Saying {
  const { quota } = answer;
  const left = quota && { remaining: quota.remaining, limit: quota.limit };
  if (answer.resetsInSeconds !== undefined) {
    const resetsMs = Math.max(0, answer.resetsInSeconds * 1000 - (now - answer.at));
    return { code: left ? 'quota-left-resets-in' : 'too-many-requests-resets-in', values: { ...left, resetsMs } };
  }
  if (!quota || !left) return { code: 'too-many-requests' };
  if (quota.windowSeconds <= 0) return { code: 'quota-left', values: left };
  const gone = answer.exhaustedSince === undefined ? 0 : now - answer.exhaustedSince;
  const resetsMs = Math.max(60_000, quota.windowSeconds * 1000 - gone);
  return { code: 'quota-left-resets-within', values: { ...left, resetsMs } };
}

/** The middle value; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  const lower = sorted.length % 2 === 1 ? upper : sorted[middle - 1];
  return lower === undefined ? upper : (lower + upper) / 2;
}
