import type { Problem } from '../../preload/contract/problem.ts';
import type { Route, RuntimeId } from '../../preload/contract/runtime.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import type { JournalEntry } from './journal-entry.ts';

/** What is true now and decides whether a line of the journal can be taken back or gone on with. */
export interface Standing {
  /** What was begun since on the same subject, newest first; as many as {@link laterLooked} when there may be more. */
  readonly later: readonly JournalEntry[];
  /** How we left an engine: its route, and whether a switch of it is unfinished. Undefined where it is direct. */
  readonly switched: (
    runtime: RuntimeId,
  ) => { readonly state: 'switching' | 'switched'; readonly route: Route } | undefined;
  readonly settings: () => Settings;
  readonly nodeKnown: (name: string) => boolean;
}

/** So many later lines are looked at; where there are more, the line is too old for anything. */
export const laterLooked = 50;

/** Yes, or the Problem that says why not. */
export type Verdict = { readonly possible: true } | { readonly possible: false; readonly problem: Problem };

const yes: Verdict = { possible: true };

function notExact(entry: JournalEntry, why: string): Verdict {
  return {
    possible: false,
    problem: {
      code: 'undo-not-exact',
      message: `"${entry.title}" cannot be taken back exactly: ${why}. Nothing was changed.`,
      hint: 'Change it by hand to what you want; what was done is in the entry.',
      retryable: false,
      detail: { why },
    },
  };
}

function outdated(entry: JournalEntry, why: string): Verdict {
  return {
    possible: false,
    problem: {
      code: 'undo-outdated',
      message: `"${entry.title}" cannot be taken back any more: ${why}. Nothing was changed.`,
      hint: 'Look at the newest entries; what came last can be taken back first.',
      retryable: false,
      detail: { why },
    },
  };
}

/** Whether a line can be taken back exactly, to the bytes that were there before. Pure. */
export function undoVerdict(entry: JournalEntry, now: Standing): Verdict {
  const { intent } = entry;
  if (entry.undoneBy !== undefined) return outdated(entry, 'that was done already');
  if (entry.state === 'running') return notExact(entry, 'it is still at work');
  switch (intent?.kind) {
    case 'switch':
      return undoSwitch(entry, intent, now);
    case 'node-apply':
      return undoApplied(entry, intent.node, now);
    case 'settings':
      return undoSettings(entry, intent, now);
    case 'pin':
    case 'unpin':
      return undoPins(entry, intent, now);
    case 'cache-schedule':
      return undoSchedule(entry, intent, now);
    case 'node-remove':
      return notExact(entry, 'what was removed is gone');
    case 'prune':
      return notExact(entry, 'what was pruned is gone; it is fetched again when it is pulled');
    case undefined:
      return notExact(entry, 'there is nothing to give back');
  }
}

type IntentOf<K> = Extract<NonNullable<JournalEntry['intent']>, { kind: K }>;

function undoSwitch(entry: JournalEntry, intent: IntentOf<'switch'>, now: Standing): Verdict {
  const record = now.switched(intent.runtime);
  const cutShort = record?.state === 'switching';
  if (intent.before === undefined) return notExact(entry, 'the mirrors of before were not set by Mirrorfleet');
  if (now.later.some(effective)) return outdated(entry, `${intent.runtime} was switched since`);
  if (crowded(now)) return tooOld(entry);
  if (cutShort) return yes;
  if (entry.state !== 'done') return notExact(entry, 'the files of before are back already');
  if (entry.changes.length === 0) return notExact(entry, 'it changed nothing');
  return same(record?.route ?? [], intent.route) ? yes : outdated(entry, `${intent.runtime} follows another route now`);
}

/** Whether a later line may have changed what an earlier one of the same engine left: one that failed was taken back. */
function effective({ intent, state, changes }: JournalEntry): boolean {
  if (intent?.kind !== 'switch') return false;
  return state === 'running' || state === 'interrupted' || (state === 'done' && changes.length > 0);
}

/** Whether a later line decided anew what an earlier one of its kind did: one that failed or was cut short is overruled by any undo. */
function decided({ state }: JournalEntry): boolean {
  return state === 'done' || state === 'running';
}

function undoPins(entry: JournalEntry, { node, pins }: IntentOf<'pin' | 'unpin'>, now: Standing): Verdict {
  if (entry.state !== 'done' || pins.length === 0) return notExact(entry, 'it changed nothing');
  if (removalBegun(now)) return outdated(entry, `the removal of ${node} was begun since`);
  const touched = now.later.some(
    (later) =>
      (later.intent?.kind === 'pin' || later.intent?.kind === 'unpin') &&
      later.intent.pins.some((pin) => pins.includes(pin)) &&
      decided(later),
  );
  if (touched) return outdated(entry, 'these images were pinned or unpinned since');
  return crowded(now) ? tooOld(entry) : yes;
}

function undoSchedule(entry: JournalEntry, intent: IntentOf<'cache-schedule'>, now: Standing): Verdict {
  if (entry.state !== 'done') return notExact(entry, 'it did not end in order');
  if (same(intent.schedule, intent.before)) return notExact(entry, 'it changed nothing');
  if (removalBegun(now)) return outdated(entry, `the removal of ${intent.node} was begun since`);
  if (now.later.some((later) => later.intent?.kind === 'cache-schedule' && decided(later)))
    return outdated(entry, 'the schedule was changed since');
  return crowded(now) ? tooOld(entry) : yes;
}

function removalBegun({ later }: Standing): boolean {
  return later.some(({ intent }) => intent?.kind === 'node-remove');
}

function undoApplied(entry: JournalEntry, node: string, now: Standing): Verdict {
  if (entry.state === 'failed') return notExact(entry, 'a failed apply takes itself back');
  if (entry.outcome?.['fresh'] !== true)
    return notExact(entry, 'the server held a node, a cache or other packages before');
  if (!now.nodeKnown(node)) return outdated(entry, `${node} was removed since`);
  const touched = now.later.some(
    ({ intent }) => intent !== undefined && intent.kind !== 'prune' && intent.kind !== 'switch',
  );
  if (touched) return outdated(entry, `${node} was changed since`);
  return crowded(now) ? tooOld(entry) : yes;
}

function undoSettings(entry: JournalEntry, { before, after }: IntentOf<'settings'>, now: Standing): Verdict {
  const current = new Map<string, unknown>(Object.entries(now.settings()));
  if (same(before, after)) return notExact(entry, 'it changed nothing');
  return Object.entries(after).every(([name, value]) => same(value, current.get(name)))
    ? yes
    : outdated(entry, 'the setting was changed since');
}

/** Whether a line that was cut short or failed can be gone on with. Pure. */
export function resumeVerdict(entry: JournalEntry, now: Standing): Verdict {
  const { intent, state } = entry;
  const no = (why: string): Verdict => ({
    possible: false,
    problem: {
      code: 'resume-not-possible',
      message: `"${entry.title}" cannot be gone on with: ${why}. Nothing was changed.`,
      hint: 'Start it anew.',
      retryable: false,
      detail: { why },
    },
  });
  if (state !== 'interrupted' && state !== 'failed') return no('it was neither interrupted nor did it fail');
  if (entry.resumedBy !== undefined || entry.undoneBy !== undefined) return no('that was done already');
  switch (intent?.kind) {
    case 'switch':
    case 'node-apply':
    case 'node-remove':
    case 'prune':
      break;
    case 'cache-schedule':
    case 'pin':
    case 'unpin':
    case 'settings':
    case undefined:
      return no('work of this kind is started anew instead');
  }
  if (intent.kind !== 'switch' && !now.nodeKnown(intent.node)) return no(`there is no node ${intent.node} any more`);
  const later = now.later.filter(
    (each) =>
      each.intent?.kind === intent.kind || each.intent?.kind === 'node-apply' || each.intent?.kind === 'node-remove',
  );
  return later.length > 0 || crowded(now) ? no('it was started again, or something else was, since') : yes;
}

/** What else was done on the subject is no longer all known. */
function tooOld(entry: JournalEntry): Verdict {
  return outdated(entry, `${laterLooked} or more things were done since`);
}

function crowded({ later }: Standing): boolean {
  return later.length >= laterLooked;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
