import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../main/activity/journal-entry.ts';
import {
  laterLooked,
  resumeVerdict,
  type Standing,
  undoVerdict,
  type Verdict,
} from '../../../main/activity/verdict.ts';
import { defaultSettings } from '../../../main/store/settings.ts';
import type { Problem } from '../../../preload/contract/problem.ts';
import { entry, standing } from './entries.ts';

/** A verdict as a person meets it: the code of a refusal and the reason that its sentence gives. */
function read(verdict: Verdict): string {
  if (verdict.possible) return 'possible';
  const { code, message } = verdict.problem;
  return `${code}: ${/: (.+)\. Nothing was changed\.$/.exec(message)?.[1] ?? message}`;
}
const settled = (state: 'switching' | 'switched', ...route: string[]) => ({ switched: () => ({ state, route }) });

type Case = readonly [
  what: string,
  line: Partial<JournalEntry>,
  now: Partial<Standing>,
  expected: 'possible' | `undo-not-exact: ${string}` | `undo-outdated: ${string}`,
];

const applied: Partial<JournalEntry> = {
  kind: 'node-apply',
  subject: 'tokyo',
  outcome: { fresh: true },
  intent: { kind: 'node-apply', node: 'tokyo', installEngine: false },
};
const watch = { everySeconds: 60, upstreamEverySeconds: 120 };
const setting: Partial<JournalEntry> = {
  kind: 'settings',
  subject: 'settings',
  intent: { kind: 'settings', before: { watch: defaultSettings.watch }, after: { watch } },
};
const pinned: Partial<JournalEntry> = {
  kind: 'pin',
  subject: 'tokyo',
  intent: { kind: 'pin', node: 'tokyo', pins: ['docker.io/library/nginx'] },
};
const daily = { at: '03:30', unusedDays: 30 };
const scheduled: Partial<JournalEntry> = {
  kind: 'cache-schedule',
  subject: 'tokyo',
  intent: { kind: 'cache-schedule', node: 'tokyo', schedule: daily },
};

const nginxPin = (kind: 'pin' | 'unpin', state: JournalEntry['state']): Partial<JournalEntry> => ({
  kind: 'undo',
  subject: 'tokyo',
  state,
  intent: { kind, node: 'tokyo', pins: ['quay.io/a/b', 'docker.io/library/nginx'] },
});
const removal: Partial<JournalEntry> = {
  kind: 'node-remove',
  subject: 'tokyo',
  intent: { kind: 'node-remove', node: 'tokyo', keepCache: false, forget: false },
};
/** Lines that changed nothing of what is looked at. */
const nothings = (count: number): JournalEntry[] => Array.from({ length: count }, () => entry({ intent: undefined }));

const cases: readonly Case[] = [
  ['a switch that is still followed', {}, {}, 'possible'],
  ['a switch that was undone', { undoneBy: 'x' }, {}, 'undo-outdated: that was done already'],
  ['a switch at work', { state: 'running' }, {}, 'undo-not-exact: it is still at work'],
  [
    'a switch that failed and took itself back',
    { state: 'failed' },
    settled('switched'),
    'undo-not-exact: the files of before are back already',
  ],
  ['a switch whose way back failed too', { state: 'failed' }, settled('switching', 'tokyo'), 'possible'],
  ['a switch that changed nothing', { changes: [] }, {}, 'undo-not-exact: it changed nothing'],
  ['a switch after which another was done', {}, { later: [entry()] }, 'undo-outdated: docker was switched since'],
  ['a switch after which the same was done in vain', {}, { later: [entry({ changes: [] })] }, 'possible'],
  ['a switch after which another failed', {}, { later: [entry({ state: 'failed' })] }, 'possible'],
  [
    'a switch after which another was cut short',
    {},
    { later: [entry({ state: 'interrupted' })] },
    'undo-outdated: docker was switched since',
  ],
  [
    'a switch whose engine follows another route',
    {},
    settled('switched', 'osaka'),
    'undo-outdated: docker follows another route now',
  ],
  [
    'a switch whose engine is direct by now',
    {},
    { switched: () => undefined },
    'undo-outdated: docker follows another route now',
  ],
  [
    'a switch to direct',
    { intent: { kind: 'switch', runtime: 'docker', route: [], before: ['tokyo'] } },
    { switched: () => undefined },
    'possible',
  ],
  [
    'a switch of mirrors that were not ours',
    { intent: { kind: 'switch', runtime: 'docker', route: ['tokyo'] } },
    {},
    'undo-not-exact: the mirrors of before were not set by Mirrorfleet',
  ],
  ['a switch cut short', { state: 'interrupted' }, settled('switching', 'tokyo'), 'possible'],
  [
    'a switch with more after it than is looked at',
    {},
    { later: nothings(laterLooked) },
    'undo-outdated: 50 or more things were done since',
  ],
  ['the apply of a new node', applied, {}, 'possible'],
  [
    'the apply of a node that was there',
    { ...applied, outcome: {} },
    {},
    'undo-not-exact: the server held a node, a cache or other packages before',
  ],
  [
    'the apply of a node that says nothing of it',
    { ...applied, outcome: undefined },
    {},
    'undo-not-exact: the server held a node, a cache or other packages before',
  ],
  ['the apply of a new node that was only looked at', applied, { later: nothings(1) }, 'possible'],
  ['the apply of a new node that has the name of an engine', applied, { later: [entry()] }, 'possible'],
  [
    'the apply of a new node with more after it than is looked at',
    applied,
    { later: nothings(laterLooked) },
    'undo-outdated: 50 or more things were done since',
  ],
  [
    'the apply of a new node that is gone',
    applied,
    { nodeKnown: () => false },
    'undo-outdated: tokyo was removed since',
  ],
  [
    'the apply of a new node that was pruned',
    applied,
    { later: [entry({ intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } } })] },
    'possible',
  ],
  [
    'the apply of a new node that was applied again',
    applied,
    { later: [entry(applied)] },
    'undo-outdated: tokyo was changed since',
  ],
  ['the apply of a new node with pins', applied, { later: [entry(pinned)] }, 'undo-outdated: tokyo was changed since'],
  ['an apply cut short', { ...applied, state: 'interrupted' }, {}, 'possible'],
  ['an apply that was cancelled', { ...applied, state: 'cancelled' }, {}, 'possible'],
  [
    'an apply that failed and took itself back',
    { ...applied, state: 'failed' },
    {},
    'undo-not-exact: a failed apply takes itself back',
  ],
  ['a setting', setting, { settings: () => ({ ...defaultSettings, watch }) }, 'possible'],
  ['a setting that is another by now', setting, {}, 'undo-outdated: the setting was changed since'],
  [
    'a setting that is set to what it was',
    { ...setting, intent: { kind: 'settings', before: { watch }, after: { watch } } },
    { settings: () => ({ ...defaultSettings, watch }) },
    'undo-not-exact: it changed nothing',
  ],
  [
    'two settings of which one is another by now',
    {
      ...setting,
      intent: {
        kind: 'settings',
        before: { watch: defaultSettings.watch, keep: defaultSettings.keep },
        after: { watch, keep: { historyDays: 1, activityDays: 1 } },
      },
    },
    { settings: () => ({ ...defaultSettings, watch }) },
    'undo-outdated: the setting was changed since',
  ],
  ['a pin', pinned, {}, 'possible'],
  [
    'a pin that was there',
    { ...pinned, intent: { kind: 'pin', node: 'tokyo', pins: [] } },
    {},
    'undo-not-exact: it changed nothing',
  ],
  [
    'a pin that was taken off',
    pinned,
    { later: [entry({ intent: { kind: 'unpin', node: 'tokyo', pins: ['docker.io/library/nginx'] } })] },
    'undo-outdated: these images were pinned or unpinned since',
  ],
  [
    'a pin after which another was set',
    pinned,
    { later: [entry({ intent: { kind: 'pin', node: 'tokyo', pins: ['quay.io/a/b'] } })] },
    'possible',
  ],
  ['an unpin', { ...pinned, intent: { kind: 'unpin', node: 'tokyo', pins: ['quay.io/a/b'] } }, {}, 'possible'],
  ['a pin that failed', { ...pinned, state: 'failed' }, {}, 'undo-not-exact: it changed nothing'],
  [
    'a pin of which one image was taken off',
    pinned,
    { later: [entry(nginxPin('unpin', 'done'))] },
    'undo-outdated: these images were pinned or unpinned since',
  ],
  [
    'a pin that is just taken off',
    pinned,
    { later: [entry(nginxPin('unpin', 'running'))] },
    'undo-outdated: these images were pinned or unpinned since',
  ],
  [
    'an unpin of what was pinned again',
    { ...pinned, intent: { kind: 'unpin', node: 'tokyo', pins: ['quay.io/a/b'] } },
    { later: [entry(nginxPin('pin', 'done'))] },
    'undo-outdated: these images were pinned or unpinned since',
  ],
  ['a pin whose undo failed', pinned, { later: [entry(nginxPin('unpin', 'failed'))] }, 'possible'],
  ['a pin whose undo was cut short', pinned, { later: [entry(nginxPin('unpin', 'interrupted'))] }, 'possible'],
  [
    'a pin on a node that was removed',
    pinned,
    { later: [entry(removal)] },
    'undo-outdated: the removal of tokyo was begun since',
  ],
  [
    'a pin with more after it than is looked at',
    pinned,
    { later: nothings(laterLooked) },
    'undo-outdated: 50 or more things were done since',
  ],
  ['a schedule', scheduled, {}, 'possible'],
  [
    'a schedule that was changed',
    scheduled,
    { later: [entry(scheduled)] },
    'undo-outdated: the schedule was changed since',
  ],
  ['a schedule that failed', { ...scheduled, state: 'failed' }, {}, 'undo-not-exact: it did not end in order'],
  [
    'a schedule that was set before',
    { intent: { kind: 'cache-schedule', node: 'tokyo', schedule: daily, before: daily } },
    {},
    'undo-not-exact: it changed nothing',
  ],
  [
    'a schedule after which another failed',
    scheduled,
    { later: [entry({ ...scheduled, state: 'failed' })] },
    'possible',
  ],
  ['a schedule after which it was pinned', scheduled, { later: [entry(pinned)] }, 'possible'],
  [
    'a schedule of a node that was removed',
    scheduled,
    { later: [entry(removal)] },
    'undo-outdated: the removal of tokyo was begun since',
  ],
  [
    'a schedule with more after it than is looked at',
    scheduled,
    { later: nothings(laterLooked) },
    'undo-outdated: 50 or more things were done since',
  ],
  ['a schedule with as much after it as is looked at', scheduled, { later: nothings(laterLooked - 1) }, 'possible'],
  [
    'a prune',
    { intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } } },
    {},
    'undo-not-exact: what was pruned is gone; it is fetched again when it is pulled',
  ],
  [
    'a removal',
    { intent: { kind: 'node-remove', node: 'tokyo', keepCache: false, forget: false } },
    {},
    'undo-not-exact: what was removed is gone',
  ],
  ['what has no way back on record', { intent: undefined }, {}, 'undo-not-exact: there is nothing to give back'],
];

describe('undo is offered only where it is exact', () => {
  test.each(cases)('%s', (_what, line, now, expected) => {
    expect(read(undoVerdict(entry(line), standing(now)))).toBe(expected);
  });

  test.each<readonly [string, Partial<JournalEntry>, Partial<Standing>, Problem]>([
    [
      'what cannot be taken back exactly',
      { changes: [] },
      {},
      {
        code: 'undo-not-exact',
        message: '"Switch docker to tokyo" cannot be taken back exactly: it changed nothing. Nothing was changed.',
        hint: 'Change it by hand to what you want; what was done is in the entry.',
        retryable: false,
        detail: { why: 'it changed nothing' },
      },
    ],
    [
      'what came too late',
      {},
      { later: [entry()] },
      {
        code: 'undo-outdated',
        message:
          '"Switch docker to tokyo" cannot be taken back any more: docker was switched since. Nothing was changed.',
        hint: 'Look at the newest entries; what came last can be taken back first.',
        retryable: false,
        detail: { why: 'docker was switched since' },
      },
    ],
  ])('a refusal of %s says why, that nothing was changed, and what can be done', (_what, line, now, problem) => {
    expect(undoVerdict(entry(line), standing(now))).toEqual({ possible: false, problem });
  });
});

const prune: Partial<JournalEntry> = {
  kind: 'prune',
  subject: 'tokyo',
  intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } },
};

describe('a task is resumed where its own call can be made again', () => {
  const again = 'resume-not-possible: it was started again, or something else was, since';
  const anew = 'resume-not-possible: work of this kind is started anew instead';
  test.each<readonly [string, Partial<JournalEntry>, Partial<Standing>, string]>([
    ['a switch cut short', { state: 'interrupted' }, {}, 'possible'],
    ['a switch that failed', { state: 'failed' }, {}, 'possible'],
    ['a switch that is done', {}, {}, 'resume-not-possible: it was neither interrupted nor did it fail'],
    [
      'a switch that was cancelled',
      { state: 'cancelled' },
      {},
      'resume-not-possible: it was neither interrupted nor did it fail',
    ],
    [
      'a switch that was resumed',
      { state: 'interrupted', resumedBy: 'x' },
      {},
      'resume-not-possible: that was done already',
    ],
    [
      'a switch that was undone',
      { state: 'interrupted', undoneBy: 'x' },
      {},
      'resume-not-possible: that was done already',
    ],
    ['a switch that was started again by hand', { state: 'interrupted' }, { later: [entry()] }, again],
    ['an apply cut short', { ...applied, state: 'interrupted' }, {}, 'possible'],
    [
      'an apply of a node that is gone',
      { ...applied, state: 'interrupted' },
      { nodeKnown: () => false },
      'resume-not-possible: there is no node tokyo any more',
    ],
    ['an apply before a removal', { ...applied, state: 'interrupted' }, { later: [entry(removal)] }, again],
    ['an apply before a pin', { ...applied, state: 'interrupted' }, { later: [entry(pinned)] }, 'possible'],
    ['an apply before what is not known', { ...applied, state: 'interrupted' }, { later: nothings(1) }, 'possible'],
    [
      'an apply with more after it than is looked at',
      { ...applied, state: 'interrupted' },
      { later: nothings(laterLooked) },
      again,
    ],
    ['a removal cut short', { ...removal, state: 'interrupted' }, {}, 'possible'],
    ['a prune cut short', { ...prune, state: 'interrupted' }, {}, 'possible'],
    ['a prune before another apply', { ...prune, state: 'interrupted' }, { later: [entry(applied)] }, again],
    ['a schedule cut short', { ...scheduled, state: 'interrupted' }, {}, anew],
    ['a pin cut short', { ...pinned, state: 'interrupted' }, {}, anew],
    ['an unpin cut short', nginxPin('unpin', 'interrupted'), {}, anew],
    ['a setting cut short', { ...setting, state: 'interrupted' }, {}, anew],
    ['what has no intent on record', { state: 'interrupted', intent: undefined }, {}, anew],
  ])('%s', (_what, line, now, expected) => {
    expect(read(resumeVerdict(entry(line), standing(now)))).toBe(expected);
  });

  test('a refusal says why, that nothing was changed, and what can be done', () => {
    expect(resumeVerdict(entry(), standing())).toEqual({
      possible: false,
      problem: {
        code: 'resume-not-possible',
        message:
          '"Switch docker to tokyo" cannot be gone on with: it was neither interrupted nor did it fail. Nothing was changed.',
        hint: 'Start it anew.',
        retryable: false,
        detail: { why: 'it was neither interrupted nor did it fail' },
      },
    });
  });
});
