import type { Quota } from '../../preload/contract/status.ts';

/** A latency as people read it: `84 ms`, `1.2 s`. */
export function msInWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A span as people say it, rounded to one unit: `40 s`, `4 min`, `2 h`, `3 d`. */
export function ageInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 60 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 60 * 60) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/**
 * Why nothing new can be pulled: `429, 0 of 100 pulls left, resets in 2 h`. An upstream rarely says when it resets; then the window bounds
 * it (`resets within 4 h`), shortened by the time since the quota was first seen at 0, because refused pulls do not count.
 */
export function quotaInWords(
  answer: {
    readonly quota?: Quota;
    readonly resetsInSeconds?: number;
    readonly exhaustedSince?: number;
    readonly at: number;
  },
  now: number,
): string {
  const { quota } = answer;
  const parts = ['429'];
  if (quota) parts.push(`${quota.remaining} of ${quota.limit} pulls left`);
  else parts.push('too many requests');
  if (answer.resetsInSeconds !== undefined) {
    parts.push(`resets in ${ageInWords(answer.resetsInSeconds * 1000 - (now - answer.at))}`);
  } else if (quota && quota.windowSeconds > 0) {
    const gone = answer.exhaustedSince === undefined ? 0 : now - answer.exhaustedSince;
    parts.push(`resets within ${ageInWords(Math.max(60_000, quota.windowSeconds * 1000 - gone))}`);
  }
  return parts.join(', ');
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
