import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Activity } from '../../../main/activity/activity.ts';
import { Journal } from '../../../main/activity/journal.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import type { ActivityEntry } from '../../../preload/contract/activity.ts';
import type { Change } from '../../../preload/contract/live.ts';
import { ProblemError, problemOf } from '../../../preload/contract/problem.ts';
import type { Route } from '../../../preload/contract/runtime.ts';
import { standing } from './entries.ts';

let folder: string;
let told: Change[];
let route: Route;
let activity: Activity;
let tasks: Tasks;

const entries = (): ActivityEntry[] => told.flatMap((change) => (change.kind === 'activity' ? [change.entry] : []));

function start(): void {
  activity = new Activity({
    journal: new Journal(join(folder, 'activity.db')),
    publish: (change) => told.push(change),
    who: 'dev@laptop',
    standing: standing({ switched: () => (route.length === 0 ? undefined : { state: 'switched', route }) }),
  });
  tasks = new Tasks((_, news) => activity.hear(news), { who: 'dev@laptop' });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'activity-'));
  [told, route] = [[], []];
  start();
});
afterEach(() => {
  activity.close();
  rmSync(folder, { recursive: true, force: true });
});

const change = { path: '/etc/docker/daemon.json', action: 'create', diff: '@@ -0,0 +1 @@\n+{}\n' } as const;

function switchTo(wanted: Route, body?: () => Promise<void>) {
  const intent = { kind: 'switch', runtime: 'docker', route: wanted, before: route } as const;
  return tasks.run({ kind: 'switch', subject: 'docker', title: `Switch to ${wanted.join()}`, intent }, async (job) => {
    job.changes([change]);
    await body?.();
    route = wanted;
  });
}

test('a task is in the journal from its first moment, with what it changes before it changes it', async () => {
  let during: ActivityEntry | undefined;
  const task = await switchTo(['tokyo'], async () => {
    during = activity.show(told.flatMap((each) => (each.kind === 'activity' ? [each.entry.id] : []))[0] ?? '');
  });
  expect(during).toMatchObject({ state: 'running', changes: [change], undo: false });
  expect(activity.show(task.id.slice(0, 8))).toMatchObject({
    state: 'done',
    who: 'dev@laptop',
    changes: [change],
    undo: true,
    resume: false,
    endedAt: expect.any(Number),
  });
});

test('progress is written now and then, the end at once', async () => {
  await tasks.run({ kind: 'prune', subject: 'tokyo', title: 'Prune' }, (job) =>
    job.step('files', 'Files', async (report) => {
      for (let at = 0; at < 200; at += 1) report.note({ code: 'plain', values: { text: `file ${at}` } });
    }),
  );
  expect(entries().length).toBeLessThan(4);
  expect(entries().at(-1)).toMatchObject({ state: 'done', steps: [{ note: { values: { text: 'file 199' } } }] });
});

test('a later switch takes the undo of an earlier one away, and whoever shows it is told', async () => {
  const first = await switchTo(['tokyo']);
  expect(entries().at(-1)).toMatchObject({ id: first.id, undo: true });
  await switchTo(['osaka']);
  expect(entries().findLast(({ id }) => id === first.id)).toMatchObject({ undo: false });
  expect(() => activity.undoable(first.id)).toThrow(/switched since/);
});

test('an undo that a running switch took away is offered again when that one fails', async () => {
  const first = await switchTo(['tokyo']);
  const offered = () => entries().findLast(({ id }) => id === first.id)?.undo;
  await switchTo(['osaka'], () => {
    expect(offered()).toBe(false);
    return Promise.reject(new ProblemError({ code: 'no', message: 'No.', hint: 'No.', retryable: false }));
  });
  expect(offered()).toBe(true);
});

test('an attempt that only found out that a password is needed leaves no entry, and takes no undo away', async () => {
  const first = await switchTo(['tokyo']);
  const asks = new ProblemError({ code: 'sudo-password-needed', message: 'No.', hint: 'No.', retryable: false });
  await switchTo(['osaka'], () => Promise.reject(asks));
  expect(activity.list({}).entries).toMatchObject([{ id: first.id, undo: true }]);
  expect(entries().findLast(({ id }) => id === first.id)?.undo).toBe(true);
});

test('what was taken back says by what, and is not offered again', async () => {
  const first = await switchTo(['tokyo']);
  const entry = activity.undoable(first.id);
  const second = await switchTo([]);
  activity.settle(entry, 'undone', second);
  expect(activity.show(first.id)).toMatchObject({ undoneBy: second.id, undo: false });
  expect(() => activity.undoable(first.id)).toThrow(/done already/);
});

test('after a core that died, a switch is shown as interrupted; resumed, it can be undone to what was there before it', async () => {
  const never = switchTo(['tokyo'], () => new Promise(() => {}));
  const id = entries()[0]?.id ?? '';
  void never;
  // The core dies: nothing is closed, a new one starts on the same file.
  told = [];
  start();
  activity.begin();
  expect(told).toMatchObject([
    { kind: 'task', task: { id, state: 'interrupted', problem: { code: 'task-interrupted' } } },
  ]);
  expect(activity.list({}).entries).toMatchObject([{ id, state: 'interrupted', resume: true }]);
  const interrupted = activity.resumable(id);
  const intent = { kind: 'switch' as const, runtime: 'docker' as const, route: ['tokyo'] };
  const again = await tasks.run({ kind: 'switch', subject: 'docker', title: 'Again', intent }, async () => {
    // Every file was written already: it only had to be reloaded.
    route = ['tokyo'];
  });
  activity.settle(interrupted, 'resumed', again);
  expect(activity.list({}).entries).toMatchObject([
    { id: again.id, undo: true },
    { id, resume: false, undo: false },
  ]);
  expect(activity.undoable(again.id)).toMatchObject({ changes: [change], intent: { before: [] } });
  told = [];
  start();
  activity.begin();
  expect(told).toEqual([]);
});

test('a change made at once is an entry of its own', () => {
  activity.made({ kind: 'node-add', subject: 'tokyo', title: 'Add tokyo', changes: [change, undefined] });
  expect(activity.list({ kinds: ['node-add'] }).entries).toMatchObject([
    { state: 'done', who: 'dev@laptop', changes: [change], undo: false, resume: false },
  ]);
});

test.each([
  ['zzz', 'activity-unknown'],
  ['', 'activity-unknown'],
  ['%', 'activity-unknown'],
])('an id that names nothing ("%s") is said to', (id, code) => {
  activity.made({ kind: 'node-add', subject: 'tokyo', title: 'Add tokyo', changes: [] });
  const refused = (): string => {
    try {
      activity.show(id);
      return 'found';
    } catch (error) {
      return problemOf(error).code;
    }
  };
  expect(refused()).toBe(code);
});
