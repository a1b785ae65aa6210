import { type Schedule, type ScheduleView, scheduleSchema } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';

/** The file `rules` of a schedule: plain `name=number` lines, for the script and for whoever looks. */
export function printRules({ at, unusedDays, keepBytes, freePercent }: Schedule): string {
  const rules: readonly (readonly [string, number | undefined, string])[] = [
    ['unused_days', unusedDays, 'images that nobody pulled for so many days go'],
    ['keep_bytes', keepBytes, 'the least recently pulled images go until so many bytes are left'],
    ['free_percent', freePercent, 'the least recently pulled images go until so much of the disk is free'],
  ];
  return [
    '# Rules for prune.sh, written by Mirrorfleet. Whatever was pulled within the last hour stays.',
    '# The time of day is set by the timer; changing it here does nothing.',
    `at=${at}`,
    ...rules.flatMap(([name, value, meaning]) => (value === undefined ? [] : [`# ${meaning}`, `${name}=${value}`])),
    '',
  ].join('\n');
}

/** Reads that file back. Throws `schedule-unclear` for one that was changed into something else. */
export function parseRules(node: string, text: string): Schedule {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  const number = (name: string): number | undefined => {
    const value = found.get(name);
    return value === undefined ? undefined : /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  };
  const [unusedDays, keepBytes, freePercent] = [number('unused_days'), number('keep_bytes'), number('free_percent')];
  const schedule = scheduleSchema.safeParse({
    at: found.get('at'),
    ...(unusedDays === undefined ? {} : { unusedDays }),
    ...(keepBytes === undefined ? {} : { keepBytes }),
    ...(freePercent === undefined ? {} : { freePercent }),
  });
  if (schedule.success) return schedule.data;
  return fail({
    code: 'schedule-unclear',
    message: `The rules of the schedule on ${node} were changed by hand into something that is no schedule.`,
    hint: `Set it again: mirrorfleet cache schedule ${node} --at 03:30 --unused 30d`,
  });
}

/** Reads the file `last-run`: how the last run ended. Undefined where there is none yet, or nothing that can be read. */
export function parseLastRun(text: string): ScheduleView['lastRun'] {
  const found = new Map(
    text.split('\n').map((line) => (/^(\w+) (.*)$/.exec(line)?.slice(1) as [string, string] | undefined) ?? ['', '']),
  );
  const number = (name: string): number => (/^\d{1,15}$/.test(found.get(name) ?? '') ? Number(found.get(name)) : 0);
  if (number('at') === 0) return undefined;
  return {
    at: number('at') * 1000,
    freedBytes: number('freed_bytes'),
    images: number('images'),
    failed: found.get('failed') !== '0',
  };
}
