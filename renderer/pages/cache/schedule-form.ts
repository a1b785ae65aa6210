import { type Schedule, scheduleSchema } from '../../../preload/contract/cache.ts';
import { gigabyte, numberOf } from './prune-rule.ts';

/** The schedule as typed; an empty field means that the rule is not used. */
export interface ScheduleForm {
  readonly at: string;
  readonly unusedDays: string;
  readonly keepGigabytes: string;
  readonly freePercent: string;
}

export type ScheduleErrors = Partial<
  Record<keyof ScheduleForm, 'at-wrong' | 'days-range' | 'size-wrong' | 'percent-range'>
> & {
  readonly rules?: 'rule-needed';
};

/** What a node without a schedule is offered: early in the morning, what was unused for a month. */
const offered: ScheduleForm = { at: '03:30', unusedDays: '30', keepGigabytes: '', freePercent: '' };

export function scheduleForm(schedule: Schedule | undefined): ScheduleForm {
  if (schedule === undefined) return offered;
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  return {
    at: schedule.at,
    unusedDays: text(schedule.unusedDays),
    keepGigabytes: text(schedule.keepBytes === undefined ? undefined : schedule.keepBytes / gigabyte),
    freePercent: text(schedule.freePercent),
  };
}

/** The schedule of a form, or what is wrong by field. What is right here is right for the contract. */
export function scheduleOf(form: ScheduleForm): { readonly schedule: Schedule } | { readonly errors: ScheduleErrors } {
  const errors: { -readonly [Key in keyof ScheduleErrors]: ScheduleErrors[Key] } = {};
  const at = form.at.trim();
  if (!scheduleSchema.shape.at.safeParse(at).success) errors.at = 'at-wrong';
  const unusedDays = optional(form.unusedDays);
  if (unusedDays !== undefined && !scheduleSchema.shape.unusedDays.safeParse(unusedDays).success)
    errors.unusedDays = 'days-range';
  const keepGigabytes = optional(form.keepGigabytes);
  if (Number.isNaN(keepGigabytes)) errors.keepGigabytes = 'size-wrong';
  const freePercent = optional(form.freePercent);
  if (freePercent !== undefined && !scheduleSchema.shape.freePercent.safeParse(freePercent).success)
    errors.freePercent = 'percent-range';
  if (unusedDays === undefined && keepGigabytes === undefined && freePercent === undefined)
    errors.rules = 'rule-needed';
  if (Object.keys(errors).length > 0) return { errors };
  return {
    schedule: {
      at,
      ...(unusedDays === undefined ? {} : { unusedDays }),
      ...(keepGigabytes === undefined ? {} : { keepBytes: Math.round(keepGigabytes * gigabyte) }),
      ...(freePercent === undefined ? {} : { freePercent }),
    },
  };
}

/** The number in a field: undefined where it is empty, NaN where it is none. */
function optional(text: string): number | undefined {
  return text.trim() === '' ? undefined : (numberOf(text) ?? Number.NaN);
}

/** Whether two schedules do the same: nothing to save then. */
export function sameSchedule(a: Schedule | undefined, b: Schedule | undefined): boolean {
  return (
    a?.at === b?.at &&
    a?.unusedDays === b?.unusedDays &&
    a?.keepBytes === b?.keepBytes &&
    a?.freePercent === b?.freePercent
  );
}
