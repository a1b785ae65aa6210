import { type Command, InvalidArgumentError } from 'commander';
import { type Schedule, type ScheduleView, scheduleSchema } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';
import { size, span } from './arguments.ts';
import { agoText, bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { askingForSecrets } from './session.ts';
import { showingTask } from './task-progress.ts';

interface ScheduleOptions {
  at?: string;
  unused?: number;
  keep?: number;
  free?: number;
  off?: boolean;
}

/** `mirrorfleet cache schedule`: what a node prunes by itself, every day, while this computer is off. */
export function addScheduleCommand(cache: Command, withSession: WithSession): void {
  cache
    .command('schedule <node>')
    .description('let the node prune itself every day; without options, show what it does')
    .option('--at <time>', "time of day by the node's own clock (default: 03:30)", timeOfDay)
    .option('--unused <span>', 'images not pulled for so many days go (30d)', wholeDays)
    .option('--keep <size>', 'the least recently used go until so much is left (20GB)', size)
    .option('--free <percent>', 'the least recently used go until so much of the disk is free', percent)
    .option('--off', 'take the schedule off the node')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache schedule tokyo --at 03:30 --unused 30d --keep 20GB --free 20\n  $ mirrorfleet cache schedule tokyo\n  $ mirrorfleet cache schedule tokyo --off\n\nA script on the node itself does it, started by systemd or cron. Pins and what was pulled within the last hour stay.',
    )
    .action((node: string, options: ScheduleOptions) =>
      withSession(async (session) => {
        const { output } = session;
        const wanted = scheduleOf(options);
        if (wanted === undefined && options.off !== true) {
          const view = await askingForSecrets(session, node, () => session.client.cache.schedule({ node }));
          if (output.json) output.value(view);
          else for (const line of scheduleLines(view, session.now())) output.line(line);
          return;
        }
        const task = await askingForSecrets(session, node, () =>
          showingTask(session, node, () =>
            session.client.cache.setSchedule({ node, ...(wanted ? { schedule: wanted } : {}) }),
          ),
        );
        const view = await session.client.cache.schedule({ node });
        if (output.json) output.value({ task, schedule: view });
        else for (const line of scheduleLines(view, session.now())) output.line(line);
      }),
    );
}

/** A node's schedule in words. Pure. */
export function scheduleLines({ node, schedule, by, script, lastRun }: ScheduleView, now: number): string[] {
  if (schedule === undefined)
    return [`${node} does not prune itself. Let it: mirrorfleet cache schedule ${node} --unused 30d`];
  const { unusedDays, keepBytes, freePercent } = schedule;
  const rules = [
    ...(unusedDays === undefined ? [] : [`images unused for ${unusedDays} d`]),
    ...(keepBytes === undefined ? [] : [`the least recently used until ${bytesText(keepBytes)} are left`]),
    ...(freePercent === undefined ? [] : [`the least recently used until ${freePercent} % of the disk is free`]),
  ];
  const ended =
    lastRun === undefined
      ? 'It has not run yet.'
      : lastRun.failed
        ? `The last run, ${agoText(lastRun.at, now)}, failed; the file log beside the script says why.`
        : `The last run, ${agoText(lastRun.at, now)}, freed ${bytesText(lastRun.freedBytes)} (${lastRun.images} images).`;
  return [
    `${node} prunes itself at ${schedule.at} by its clock: ${rules.join('; ')}.`,
    by === undefined
      ? 'Nothing on the machine starts it: its timer was switched off or removed there. Set the schedule again.'
      : `Started by ${by}: ${script ?? ''}`,
    ended,
  ];
}

function scheduleOf({ at, unused, keep, free, off }: ScheduleOptions): Schedule | undefined {
  const rules = [at, unused, keep, free].some((each) => each !== undefined);
  if (off === true && rules) refuse('--off takes the whole schedule off; it goes with no other option.');
  if (!rules) return undefined;
  const schedule = scheduleSchema.safeParse({
    at: at ?? '03:30',
    ...(unused === undefined ? {} : { unusedDays: unused }),
    ...(keep === undefined ? {} : { keepBytes: keep }),
    ...(free === undefined ? {} : { freePercent: free }),
  });
  return schedule.success ? schedule.data : refuse('It is not said what may go.');
}

function refuse(why: string): never {
  return fail({
    code: 'input-invalid',
    message: `${why} Nothing was changed.`,
    hint: 'For example: --at 03:30 --unused 30d --keep 20GB --free 20',
  });
}

function timeOfDay(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw new InvalidArgumentError('A time of day is two digits, a colon and two digits; for example 03:30.');
}

function wholeDays(text: string): number {
  const days = span(text) / 86_400;
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days;
  throw new InvalidArgumentError('Whole days or weeks, from 1d to 3650d; for example 30d.');
}

function percent(text: string): number {
  const number = /^(\d{1,2})\s*%?$/.exec(text)?.[1];
  if (number !== undefined && Number(number) >= 1 && Number(number) <= 90) return Number(number);
  throw new InvalidArgumentError('A share of the disk from 1 to 90; for example 20.');
}
