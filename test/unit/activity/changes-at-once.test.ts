import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MadeChange } from '../../../main/activity/activity.ts';
import { PinChanges } from '../../../main/activity/pin-changes.ts';
import { SettingsChanges } from '../../../main/activity/settings-changes.ts';
import { defaultSettings, SettingsStore } from '../../../main/store/settings.ts';
import { type TaskNews, Tasks } from '../../../main/tasks/tasks.ts';

let folder: string;
let written: MadeChange[];
let paces: number[];
let forgotten: number[];
let news: TaskNews[];
const tasks = new Tasks((_, each) => void news.push(each), { who: 'dev@laptop' });
const activity = {
  made: (change: MadeChange) => void written.push(change),
  forget: (days: number) => void forgotten.push(days),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'changes-'));
  [written, paces, forgotten, news] = [[], [], [], []];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function settingsChanges(settings: SettingsStore): SettingsChanges {
  return new SettingsChanges({
    settings,
    vault: { choose: (vault) => settings.update({ vault }) },
    monitor: { setPace: ({ intervalMs }) => void paces.push(intervalMs) },
    activity,
    tasks,
  });
}

test('a setting is written down with its way back, taken up by the running watch, and put back by a task', async () => {
  const settings = new SettingsStore(folder);
  const changes = settingsChanges(settings);
  const watch = { everySeconds: 60, upstreamEverySeconds: 300 };
  expect(changes.setWatch(watch)).toMatchObject({ watch });
  expect(written).toMatchObject([
    {
      title: 'Look every 60 s',
      changes: [{ path: settings.file, action: 'change' }],
      intent: { kind: 'settings', before: { watch: defaultSettings.watch }, after: { watch } },
    },
  ]);
  const task = await changes.putBack('Undo: it', { watch }, { watch: defaultSettings.watch });
  expect(task).toMatchObject({
    state: 'done',
    kind: 'undo',
    subject: 'settings',
    title: 'Undo: it',
    steps: [{ id: 'settings', label: 'Put the setting back', state: 'done' }],
  });
  expect(news.at(-1)).toMatchObject({
    changes: [{ path: settings.file, action: 'change' }],
    intent: { kind: 'settings', before: { watch }, after: { watch: defaultSettings.watch } },
  });
  expect(settings.get()).toEqual(defaultSettings);
  expect(paces).toEqual([60_000, 30_000]);
});

test('an image is set beside the other, which stays', () => {
  const settings = new SettingsStore(folder);
  const registry = { reference: 'registry.example/registry:3.1.1' };
  expect(settingsChanges(settings).setImage('registry', registry).images).toEqual({
    ...defaultSettings.images,
    registry,
  });
  expect(written).toMatchObject([{ title: 'Use registry.example/registry:3.1.1 as the registry image' }]);
});

test('where the key of secrets comes from is written down as what it was and is', () => {
  const settings = new SettingsStore(folder);
  expect(settingsChanges(settings).chooseVault('key-file', undefined).vault).toBe('key-file');
  expect(written).toEqual([
    {
      kind: 'vault',
      subject: 'vault',
      title: 'Seal secrets with a key from: key-file',
      changes: [
        {
          path: settings.file,
          action: 'change',
          diff: expect.stringContaining('-  "vault": "undecided"\n+  "vault": "key-file"'),
        },
      ],
    },
  ]);
});

test('the same value again is not written down', () => {
  settingsChanges(new SettingsStore(folder)).setWatch(defaultSettings.watch);
  expect(written).toEqual([]);
});

test('to put back what is there already changes no file', async () => {
  const { watch } = defaultSettings;
  await settingsChanges(new SettingsStore(folder)).putBack('Undo: it', { watch }, { watch });
  expect(news.at(-1)?.changes).toEqual([]);
});

test('a shorter journal forgets at once', () => {
  settingsChanges(new SettingsStore(folder)).setKeep({ historyDays: 90, activityDays: 30 });
  expect(forgotten).toEqual([30]);
  expect(written).toMatchObject([{ kind: 'settings', subject: 'settings', title: 'Keep activity for 30 days' }]);
  expect(paces).toEqual([]);
});

/** Pins of one node that are kept in memory. */
function pinChanges(pinned: string[]): PinChanges {
  const keep = (next: string[]): Promise<string[]> => {
    pinned.splice(0, pinned.length, ...next);
    return Promise.resolve([...pinned]);
  };
  return new PinChanges({
    caches: {
      pins: () => Promise.resolve([...pinned]),
      pin: (_, pins) => keep([...new Set([...pinned, ...pins])]),
      unpin: (_, pins) => keep(pinned.filter((each) => !pins.includes(each))),
    },
    baseOf: () => '/opt/mirrorfleet',
    activity,
    tasks,
  });
}

test('only what was not pinned before is written down, so that an undo leaves the rest', async () => {
  const pinned = ['ghcr.io/a:1'];
  const changes = pinChanges(pinned);
  expect(await changes.put('tokyo', 'pin', ['ghcr.io/a:1', 'ghcr.io/b:1'])).toEqual(['ghcr.io/a:1', 'ghcr.io/b:1']);
  expect(written).toMatchObject([
    {
      kind: 'pin',
      subject: 'tokyo',
      title: 'Pin ghcr.io/b:1',
      changes: [{ path: '/opt/mirrorfleet/pins', action: 'change', diff: expect.stringContaining('+  "ghcr.io/b:1"') }],
      intent: { kind: 'pin', node: 'tokyo', pins: ['ghcr.io/b:1'] },
    },
  ]);
  const task = await changes.putBack('Undo: it', 'tokyo', 'unpin', ['ghcr.io/b:1']);
  expect(task).toMatchObject({
    state: 'done',
    kind: 'undo',
    subject: 'tokyo',
    title: 'Undo: it',
    steps: [{ id: 'pins', label: 'Put the pins back', state: 'done' }],
  });
  expect(news.at(-1)?.intent).toEqual({ kind: 'unpin', node: 'tokyo', pins: ['ghcr.io/b:1'] });
  expect(pinned).toEqual(['ghcr.io/a:1']);
});

test('only what was pinned before is written down as unpinned, by its names', async () => {
  const changes = pinChanges(['ghcr.io/a:1', 'ghcr.io/b:1', 'ghcr.io/c:1']);
  await changes.put('tokyo', 'unpin', ['ghcr.io/a:1', 'ghcr.io/b:1', 'ghcr.io/d:1']);
  expect(written).toMatchObject([
    {
      kind: 'unpin',
      title: 'Unpin ghcr.io/a:1, ghcr.io/b:1',
      intent: { kind: 'unpin', pins: ['ghcr.io/a:1', 'ghcr.io/b:1'] },
    },
  ]);
});

test('pins that change nothing are not written down', async () => {
  await pinChanges(['ghcr.io/a:1']).put('tokyo', 'pin', ['ghcr.io/a:1']);
  expect(written).toEqual([]);
});
