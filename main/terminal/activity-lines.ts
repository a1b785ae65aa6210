import type { ActivityEntry } from '../../preload/contract/activity.ts';
import { agoText, spanText } from './figures.ts';
import { outcomeText } from './sayings.ts';
import { tableLines } from './table.ts';
import { stepLine } from './task-progress.ts';
import { withoutBase64 } from './switch-command.ts';

/** An id is shown as far as it is told apart from others: 8 of its 36 characters. */
const idLength = 8;

/** How long something took: `0.4 s`, `12 s`, `3 min`; a dash for what runs still or took no time. Pure. */
export function tookText({ startedAt, endedAt }: Pick<ActivityEntry, 'startedAt' | 'endedAt'>): string {
  const seconds = endedAt === undefined ? 0 : (endedAt - startedAt) / 1000;
  if (seconds <= 0) return '–';
  return seconds < 10 ? `${seconds.toFixed(1)} s` : spanText(seconds);
}

/** The journal as a table. Pure: same entries and time, same lines. */
export function activityLines(entries: readonly ActivityEntry[], now: number): string[] {
  return tableLines(
    [
      { heading: 'ID' },
      { heading: 'WHEN' },
      { heading: 'WHO' },
      { heading: 'WHAT' },
      { heading: 'STATE' },
      { heading: 'TOOK', figures: true },
      { heading: 'FILES', figures: true },
      { heading: 'CAN' },
    ],
    entries.map((entry) => [
      entry.id.slice(0, idLength),
      agoText(entry.startedAt, now),
      entry.who,
      entry.title,
      entry.undoneBy === undefined ? entry.state : 'undone',
      tookText(entry),
      entry.changes.length === 0 ? '–' : String(entry.changes.length),
      [entry.resume ? 'resume' : '', entry.undo ? 'undo' : ''].filter(Boolean).join(', '),
    ]),
  );
}

/** One entry in full. Pure. */
export function activityEntryLines(entry: ActivityEntry): string[] {
  const {
    id,
    title,
    who,
    state,
    startedAt,
    endedAt,
    steps,
    changes,
    outcome,
    problem,
    warnings = [],
    undoneBy,
  } = entry;
  const short = id.slice(0, idLength);
  return [
    title,
    `  id      ${id}`,
    `  who     ${who}`,
    `  when    ${new Date(startedAt).toISOString()}`,
    ...(endedAt === undefined ? [] : [`  took    ${tookText(entry)}`]),
    `  state   ${state}${undoneBy === undefined ? '' : `, taken back by ${undoneBy.slice(0, idLength)}`}`,
    ...Object.entries(outcome ?? {}).map(([name, value]) => `  ${name}: ${outcomeText(value)}`),
    ...warnings.flatMap(({ message, hint }) => [`  ! ${message}`, `    ${hint}`]),
    ...(problem === undefined ? [] : [`  ✕ ${problem.message}`, `    ${problem.hint}`]),
    ...steps.map((step) => `  ${stepLine(step)}`),
    ...changes.flatMap((change) => [
      `${change.action} ${change.path}`,
      ...withoutBase64(change.diff.trimEnd().split('\n')).map((line) => `    ${line}`),
    ]),
    ...(entry.resume ? [`Go on: mirrorfleet activity resume ${short}`] : []),
    ...(entry.undo ? [`Take it back: mirrorfleet activity undo ${short}`] : []),
  ];
}
