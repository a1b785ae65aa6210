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
import { entry, standing } from './entries.ts';

const code = (verdict: Verdict): string => (verdict.possible ? 'possible' : verdict.problem.code);
const settled = (state: 'switching' | 'switched', ...route: string[]) => ({ switched: () => ({ state, route }) });

type Case = readonly [
  what: string,
  line: Partial<JournalEntry>,
  now: Partial<Standing>,
  expected: 'possible' | 'undo-not-exact' | 'undo-outdated',
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
const scheduled: Partial<JournalEntry> = {
  kind: 'cache-schedule',
  subject: 'tokyo',
  intent: { kind: 'cache-schedule', node: 'tokyo', schedule: { at: '03:30', unusedDays: 30 } },
};

const cases: readonly Case[] = [
  ['a switch that is still followed', {}, {}, 'possible'],
  ['a switch that was undone', { undoneBy: 'x' }, {}, 'undo-outdated'],
  ['a switch at work', { state: 'running' }, {}, 'undo-not-exact'],
  ['a switch that failed and took itself back', { state: 'failed' }, settled('switched'), 'undo-not-exact'],
  ['a switch whose way back failed too', { state: 'failed' }, settled('switching', 'tokyo'), 'possible'],
  ['a switch that changed nothing', { changes: [] }, {}, 'undo-not-exact'],
  ['a switch after which another was done', {}, { later: [entry()] }, 'undo-outdated'],
  ['a switch after which another failed', {}, { later: [entry({ state: 'failed' })] }, 'possible'],
  ['a switch after which another was cut short', {}, { later: [entry({ state: 'interrupted' })] }, 'undo-outdated'],
  ['a switch whose engine follows another route', {}, settled('switched', 'osaka'), 'undo-outdated'],
  ['a switch whose engine is direct by now', {}, { switched: () => undefined }, 'undo-outdated'],
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
    'undo-not-exact',
  ],
  ['a switch cut short', { state: 'interrupted' }, settled('switching', 'tokyo'), 'possible'],
  [
    'a switch with more after it than is looked at',
    {},
    { later: Array(laterLooked).fill(entry({ intent: undefined })) },
    'undo-outdated',
  ],
  ['the apply of a new node', applied, {}, 'possible'],
  ['the apply of a node that was there', { ...applied, outcome: {} }, {}, 'undo-not-exact'],
  ['the apply of a new node that is gone', applied, { nodeKnown: () => false }, 'undo-outdated'],
  [
    'the apply of a new node that was pruned',
    applied,
    { later: [entry({ intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } } })] },
    'possible',
  ],
  ['the apply of a new node that was applied again', applied, { later: [entry(applied)] }, 'undo-outdated'],
  ['the apply of a new node with pins', applied, { later: [entry(pinned)] }, 'undo-outdated'],
  ['an apply cut short', { ...applied, state: 'interrupted' }, {}, 'possible'],
  ['an apply that was cancelled', { ...applied, state: 'cancelled' }, {}, 'possible'],
  ['an apply that failed and took itself back', { ...applied, state: 'failed' }, {}, 'undo-not-exact'],
  ['a setting', setting, { settings: () => ({ ...defaultSettings, watch }) }, 'possible'],
  ['a setting that is another by now', setting, {}, 'undo-outdated'],
  ['a pin', pinned, {}, 'possible'],
  ['a pin that was there', { ...pinned, intent: { kind: 'pin', node: 'tokyo', pins: [] } }, {}, 'undo-not-exact'],
  [
    'a pin that was taken off',
    pinned,
    { later: [entry({ intent: { kind: 'unpin', node: 'tokyo', pins: ['docker.io/library/nginx'] } })] },
    'undo-outdated',
  ],
  [
    'a pin after which another was set',
    pinned,
    { later: [entry({ intent: { kind: 'pin', node: 'tokyo', pins: ['quay.io/a/b'] } })] },
    'possible',
  ],
  ['a schedule', scheduled, {}, 'possible'],
  ['a schedule that was changed', scheduled, { later: [entry(scheduled)] }, 'undo-outdated'],
  ['a prune', { intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } } }, {}, 'undo-not-exact'],
  [
    'a removal',
    { intent: { kind: 'node-remove', node: 'tokyo', keepCache: false, forget: false } },
    {},
    'undo-not-exact',
  ],
  ['what has no way back on record', { intent: undefined }, {}, 'undo-not-exact'],
];

describe('undo is offered only where it is exact', () => {
  test.each(cases)('%s', (_what, line, now, expected) => {
    expect(code(undoVerdict(entry(line), standing(now)))).toBe(expected);
  });

  test('a refusal says why, and that nothing was changed', () => {
    const verdict = undoVerdict(entry(), standing({ later: [entry()] }));
    expect(verdict).toMatchObject({
      problem: { message: expect.stringMatching(/docker was switched since.*Nothing/) },
    });
  });
});

const prune: Partial<JournalEntry> = {
  kind: 'prune',
  subject: 'tokyo',
  intent: { kind: 'prune', node: 'tokyo', policy: { kind: 'all' } },
};

describe('a task is resumed where its own call can be made again', () => {
  test.each<readonly [string, Partial<JournalEntry>, Partial<Standing>, boolean]>([
    ['a switch cut short', { state: 'interrupted' }, {}, true],
    ['a switch that failed', { state: 'failed' }, {}, true],
    ['a switch that is done', {}, {}, false],
    ['a switch that was cancelled', { state: 'cancelled' }, {}, false],
    ['a switch that was resumed', { state: 'interrupted', resumedBy: 'x' }, {}, false],
    ['a switch that was undone', { state: 'interrupted', undoneBy: 'x' }, {}, false],
    ['a switch that was started again by hand', { state: 'interrupted' }, { later: [entry()] }, false],
    ['an apply cut short', { ...applied, state: 'interrupted' }, {}, true],
    ['an apply of a node that is gone', { ...applied, state: 'interrupted' }, { nodeKnown: () => false }, false],
    ['a prune cut short', { ...prune, state: 'interrupted' }, {}, true],
    ['a prune before another apply', { ...prune, state: 'interrupted' }, { later: [entry(applied)] }, false],
    ['a schedule cut short', { ...scheduled, state: 'interrupted' }, {}, false],
    ['what has no intent on record', { state: 'interrupted', intent: undefined }, {}, false],
  ])('%s', (_what, line, now, expected) => {
    expect(resumeVerdict(entry(line), standing(now)).possible).toBe(expected);
  });
});
