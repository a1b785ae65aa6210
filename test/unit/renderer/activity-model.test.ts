import { expect, test } from 'vitest';
import { type ActivityEntry, activityKindSchema } from '../../../preload/contract/activity.ts';
import { byDay, dayOf, daysBetween } from '../../../renderer/pages/activity/activity-days.ts';
import {
  actionsOf,
  durationMs,
  figuresOf,
  groupsInOrder,
  kindsOf,
  lineState,
  mayNeedPassword,
  whose,
} from '../../../renderer/pages/activity/activity-line.ts';
import { tookText } from '../../../renderer/pages/activity/took-text.ts';
import { nextBefore, withEntry } from '../../../renderer/pages/activity/activity-pages.ts';

const noon = new Date(2026, 10, 27, 12).getTime();
const hour = 3_600_000;

function entry(id: string, change: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    id,
    kind: 'prune',
    subject: 'tokyo',
    title: 'Prune tokyo',
    who: 'dev@laptop',
    state: 'done',
    startedAt: noon,
    steps: [],
    changes: [],
    outcome: undefined,
    undo: false,
    resume: false,
    ...change,
  };
}

test('entries stand by the day of this computer, the newest first', () => {
  const days = byDay([
    entry('early', { startedAt: dayOf(noon) }),
    entry('late', { startedAt: noon }),
    entry('yesterday', { startedAt: dayOf(noon) - 1 }),
  ]);
  expect(days.map((day) => day.entries.map((each) => each.id))).toEqual([['late', 'early'], ['yesterday']]);
  expect(days.map((day) => daysBetween(day.day, dayOf(noon)))).toEqual([0, 1]);
});

test('who did it is this computer only where the core says so', () => {
  expect(whose(entry('a'), 'dev@laptop')).toBe('here');
  expect(whose(entry('a', { who: 'ops@office' }), 'dev@laptop')).toBe('elsewhere');
  expect(whose(entry('a'), undefined)).toBe('unknown');
});

test.each<[Partial<ActivityEntry>, number | undefined]>([
  [{ endedAt: noon + 1500 }, 1500],
  [{ endedAt: noon }, undefined],
  [{}, undefined],
  [{ state: 'running' }, hour],
  [{ state: 'interrupted' }, undefined],
])('%o took %s ms', (change, expected) => {
  expect(durationMs(entry('a', change), noon + hour)).toBe(expected);
});

test.each<[Partial<ActivityEntry>, readonly string[]]>([
  [{ state: 'running', undo: true }, ['cancel']],
  [{ undo: true }, ['undo']],
  [{ state: 'interrupted', resume: true, undo: true }, ['resume', 'undo']],
  [{ undo: true, undoneBy: 'b' }, []],
  [{}, []],
])('%o offers %o', (change, expected) => {
  expect(actionsOf(entry('a', change))).toEqual(expected);
});

test('what was taken back is neither done nor failed any more', () => {
  expect(lineState(entry('a', { undoneBy: 'b' }))).toBe('undone');
  expect(lineState(entry('a', { state: 'failed' }))).toBe('failed');
});

test('news replaces the line it is about, stands first when it is new, and waits where its page is not loaded', () => {
  const pages = [
    { entries: [entry('c', { startedAt: 30 }), entry('b', { startedAt: 20 })], more: true },
    { entries: [entry('a', { startedAt: 10 })], more: true },
  ];
  const all = { kinds: [], subject: undefined };
  const ids = (changed: typeof pages | readonly (typeof pages)[number][]): string[] =>
    changed.flatMap((page) => page.entries.map((each) => each.id));
  expect(withEntry(pages, entry('a', { state: 'failed', startedAt: 10 }), all)[1]?.entries[0]?.state).toBe('failed');
  expect(ids(withEntry(pages, entry('d', { startedAt: 40 }), all))).toEqual(['d', 'c', 'b', 'a']);
  expect(ids(withEntry(pages, entry('old', { startedAt: 5 }), all))).toEqual(['c', 'b', 'a']);
  expect(ids(withEntry(pages, entry('d', { startedAt: 40 }), { kinds: ['switch'], subject: undefined }))).toEqual([
    'c',
    'b',
    'a',
  ]);
  expect(ids(withEntry(pages, entry('d', { startedAt: 40 }), { kinds: [], subject: 'osaka' }))).toEqual([
    'c',
    'b',
    'a',
  ]);
});

test('the next page begins before the oldest line, and the last page has none', () => {
  expect(nextBefore({ entries: [entry('b', { startedAt: 20 }), entry('a', { startedAt: 10 })], more: true })).toBe(10);
  expect(nextBefore({ entries: [entry('a')], more: false })).toBeUndefined();
});

test('the filter offers every kind of the contract once', () => {
  expect([...kindsOf(groupsInOrder)].toSorted()).toEqual([...activityKindSchema.options].toSorted());
});

test('figures of an outcome are formed by their endings', () => {
  expect(figuresOf({ freedBytes: 5, tookMs: 7, endedAt: 9, images: 2, proof: 'x' }).map((each) => each.form)).toEqual([
    'bytes',
    'span',
    'moment',
    'plain',
    'plain',
  ]);
  expect(mayNeedPassword(entry('a', { kind: 'switch' }))).toBe(true);
  expect(mayNeedPassword(entry('a'))).toBe(false);
});

test.each([
  [0, '0 ms'],
  [900, '900 ms'],
  [4200, '4.2 sec'],
  [45_400, '45 sec'],
  [61_000, 'span of 61000'],
])('%s ms are said as %s', (ms, expected) => {
  expect(tookText(ms, 'en', (each) => `span of ${String(each)}`)).toBe(expected);
});
