import type { Forecast, MirrorState } from '../../../preload/contract/status.ts';

/** In how many days the disk has no room or no inodes left, whichever comes first; undefined where it does not fill. */
export function fullInDays(forecast: Forecast | undefined): number | undefined {
  const days = [forecast?.fullInDays, forecast?.inodesFullInDays].filter((each) => each !== undefined);
  return days.length === 0 ? undefined : Math.min(...days);
}

/** Days left, as a state: time to act is amber, none is red. */
export function daysState(days: number | undefined): MirrorState {
  if (days === undefined || days >= 14) return 'up';
  return days < 1 ? 'down' : 'slow';
}
