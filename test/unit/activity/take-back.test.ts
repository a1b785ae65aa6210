import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../main/activity/journal-entry.ts';
import { goOn, takeBack, type Ways } from '../../../main/activity/take-back.ts';
import { defaultSettings } from '../../../main/store/settings.ts';
import type { Intent } from '../../../main/tasks/intent.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import type { FileChange } from '../../../preload/contract/runtime.ts';
import type { Task } from '../../../preload/contract/task.ts';
import { entry } from './entries.ts';

const done: Task = { id: '1', kind: 'undo', subject: 'x', title: 'x', state: 'done', startedAt: 1, steps: [] };

/** What the core can do, written down instead of done. A preview answers with these changes. */
function written(coming: readonly FileChange[] = []): { readonly ways: Ways; readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const call =
    (name: keyof Ways) =>
    (...told: unknown[]): Promise<Task> => {
      calls.push([name, ...told]);
      return Promise.resolve(done);
    };
  const ways: Ways = {
    preview: (runtime, route) => {
      calls.push(['preview', runtime, route]);
      const rest = { activation: { code: 'plain', values: {} }, restarts: [], warnings: [], needsPrivilege: false };
      return Promise.resolve({ runtime, route, changes: [...coming], nothingToDo: false, ...rest });
    },
    switch: call('switch'),
    apply: call('apply'),
    remove: call('remove'),
    takeOff: call('takeOff'),
    prune: call('prune'),
    putSettings: call('putSettings'),
    putPins: call('putPins'),
    setSchedule: call('setSchedule'),
  };
  return { ways, calls };
}

const file = '/etc/docker/daemon.json';
const made: FileChange = { path: file, action: 'change', diff: '@@ -1 +1 @@\n-old\n+ours\n' };
const back: FileChange = { path: file, action: 'change', diff: '@@ -1 +1 @@\n-ours\n+old\n' };
const pins = ['docker.io/library/nginx'];
const [early, late] = [
  { at: '03:30', unusedDays: 30 },
  { at: '04:30', unusedDays: 60 },
];
const watch = { everySeconds: 60, upstreamEverySeconds: 120 };

const toTokyo: Intent = { kind: 'switch', runtime: 'docker', route: ['tokyo'], before: ['osaka'] };
const apply: Intent = { kind: 'node-apply', node: 'tokyo', installEngine: true };
const remove: Intent = { kind: 'node-remove', node: 'tokyo', keepCache: true, forget: false };
const prune: Intent = { kind: 'prune', node: 'tokyo', policy: { kind: 'all' }, graceSeconds: 7 };
const schedule: Intent = { kind: 'cache-schedule', node: 'tokyo', schedule: late, before: early };
const setting: Intent = { kind: 'settings', before: { watch: defaultSettings.watch }, after: { watch } };

type Case = readonly [what: string, line: Partial<JournalEntry>, calls: readonly unknown[][]];

describe('to take back', () => {
  test.each<Case>([
    ['the apply of a new node takes it off its server', { intent: apply }, [['takeOff', 'tokyo']]],
    [
      'a setting puts the one of before back, and says whose undo it is',
      { intent: setting, title: 'Look often' },
      [['putSettings', 'Undo: Look often', { watch }, { watch: defaultSettings.watch }]],
    ],
    [
      'a pin unpins the same images',
      { intent: { kind: 'pin', node: 'tokyo', pins }, title: 'Pin nginx' },
      [['putPins', 'Undo: Pin nginx', 'tokyo', 'unpin', pins]],
    ],
    [
      'an unpin pins the same images',
      { intent: { kind: 'unpin', node: 'tokyo', pins }, title: 'Unpin nginx' },
      [['putPins', 'Undo: Unpin nginx', 'tokyo', 'pin', pins]],
    ],
    ['a schedule sets the one of before', { intent: schedule }, [['setSchedule', 'tokyo', early]]],
    [
      'the first schedule takes it off',
      { intent: { kind: 'cache-schedule', node: 'tokyo', schedule: late } },
      [['setSchedule', 'tokyo', undefined]],
    ],
  ])('%s', async (_what, line, expected) => {
    const { ways, calls } = written();
    expect(await takeBack(entry(line), ways)).toBe(done);
    expect(calls).toEqual(expected);
  });

  test('a switch looks first whether its files would come back as they were, then follows the route of before', async () => {
    const { ways, calls } = written([back]);
    await takeBack(entry({ intent: toTokyo, changes: [made] }), ways);
    expect(calls).toEqual([
      ['preview', 'docker', ['osaka']],
      ['switch', 'docker', ['osaka']],
    ]);
  });

  test('a switch whose files somebody else changed since is refused, and no engine is touched', async () => {
    const since: FileChange = { ...back, diff: '@@ -1 +1 @@\n-theirs\n+old\n' };
    const { ways, calls } = written([since]);
    const refused: unknown = await takeBack(entry({ intent: toTokyo, changes: [made] }), ways).catch(
      (error: unknown) => error,
    );
    expect(problemOf(refused)).toMatchObject({
      code: 'undo-outdated',
      message:
        '"Switch docker to tokyo" cannot be taken back exactly any more: its files were changed since. Nothing was changed.',
      hint: 'Switch to the route you want; its preview shows what that changes.',
      detail: { why: 'its files were changed since' },
    });
    expect(calls).toEqual([['preview', 'docker', ['osaka']]]);
  });

  test('a switch that was cut short asks for no preview: its files are between before and after', async () => {
    const { ways, calls } = written([made]);
    await takeBack(entry({ intent: toTokyo, state: 'interrupted' }), ways);
    expect(calls).toEqual([['switch', 'docker', ['osaka']]]);
  });

  test.each<[string, Intent | undefined]>([
    ['a removal', remove],
    ['a prune', prune],
    ['what has no way back on record', undefined],
  ])('%s is a fault of ours, and does nothing', async (_what, intent) => {
    const { ways, calls } = written();
    await expect(takeBack(entry({ kind: 'prune', intent }), ways)).rejects.toThrow('prune is never undoable');
    expect(calls).toEqual([]);
  });
});

describe('to go on with', () => {
  test.each<Case>([
    ['a switch makes it again', { intent: toTokyo }, [['switch', 'docker', ['tokyo']]]],
    [
      'an apply plans anew, with the leave that was given to install an engine',
      { intent: apply },
      [['apply', 'tokyo', true]],
    ],
    [
      'a removal removes what was to be removed, and no more',
      { intent: remove },
      [['remove', 'tokyo', expect.objectContaining({ keepCache: true, forget: false })]],
    ],
    [
      'the undo of an apply takes the node off and keeps it in the fleet',
      { intent: { ...remove, remember: true } },
      [['takeOff', 'tokyo']],
    ],
    [
      'a prune frees by the same rule, with the same grace',
      { intent: prune },
      [['prune', 'tokyo', { kind: 'all' }, 7]],
    ],
  ])('%s', async (_what, line, expected) => {
    const { ways, calls } = written();
    expect(await goOn(entry({ ...line, state: 'interrupted' }), ways)).toBe(done);
    expect(calls).toEqual(expected);
  });

  test.each<[string, Intent | undefined]>([
    ['a schedule', schedule],
    ['a pin', { kind: 'pin', node: 'tokyo', pins }],
    ['an unpin', { kind: 'unpin', node: 'tokyo', pins }],
    ['a setting', setting],
    ['what has no intent on record', undefined],
  ])('%s is a fault of ours, and does nothing', async (_what, intent) => {
    const { ways, calls } = written();
    await expect(goOn(entry({ kind: 'undo', intent }), ways)).rejects.toThrow('undo is never resumable');
    expect(calls).toEqual([]);
  });
});
