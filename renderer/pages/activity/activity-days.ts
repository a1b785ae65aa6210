import type { ActivityEntry } from '../../../preload/contract/activity.ts';

/** The entries begun on one day of this computer's calendar, the newest first. `day` is that day's midnight, ms since 1970. */
export interface ActivityDay {
  readonly day: number;
  readonly entries: readonly ActivityEntry[];
}

/** Midnight at the beginning of the day in which `at` lies. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** How many calendar days lie between two midnights; daylight saving makes some of them 23 or 25 hours long. */
export function daysBetween(from: number, to: number): number {
  return Math.round((to - from) / 86_400_000);
}

export function byDay(entries: readonly ActivityEntry[]): readonly ActivityDay[] {
  const days = new Map<number, ActivityEntry[]>();
  for (const entry of newestFirst(entries)) {
    const day = dayOf(entry.startedAt);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days].map(([day, ofDay]) => ({ day, entries: ofDay }));
}

function newestFirst(entries: readonly ActivityEntry[]): readonly ActivityEntry[] {
  return entries.toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
}
