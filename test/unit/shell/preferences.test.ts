import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Conf from 'conf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultPreferences, type Kept, preferencesFile, PreferencesStore } from '../../../main/shell/preferences.ts';
import { placeWindow } from '../../../main/shell/window-place.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-preferences-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, 'preferences.json');
const now = (): Date => new Date('2026-11-27T13:00:00Z');
/** electron-store is this store with Electron's folder and version as defaults; both are given here. */
const open = (): PreferencesStore => {
  const { name, ...options } = preferencesFile;
  return new PreferencesStore(
    folder,
    () => new Conf<Kept>({ ...options, configName: name, cwd: folder, projectVersion: '0.1.0' }),
    now,
  );
};

test('a first start has the first preferences and tells of nothing', () => {
  const preferences = open();
  expect(preferences.get()).toEqual(defaultPreferences);
  expect(preferences.problem()).toBeUndefined();
  expect(preferences.windowPlace()).toBeUndefined();
});

test('what was chosen is there at the next start, and so is the place of the window', () => {
  const place = placeWindow(undefined, []);
  const first = open();
  let told = 0;
  first.subscribe(() => told++);
  first.keepWindowPlace(place);
  expect(told).toBe(0);
  expect(first.update({ theme: 'dark', language: 'zh-CN' })).toEqual({
    ...defaultPreferences,
    theme: 'dark',
    language: 'zh-CN',
  });
  expect(told).toBe(1);
  first.update({ theme: 'dark' });
  expect(told).toBe(1);
  const second = open();
  expect(second.get()).toEqual(first.get());
  expect(second.windowPlace()).toEqual(place);
  expect(second.problem()).toBeUndefined();
});

test.each([
  ['half written', '{"theme":"da'],
  ['empty', ''],
  ['of a value that never was one', '{"theme":"purple"}'],
  ["someone else's", '{"favouriteColour":"green"}'],
  ['a list', '[1,2]'],
  ['a number', '7'],
  ['with a window of nonsense', '{"window":{"x":"left"}}'],
])('a file that is %s is moved aside whole and told of', (_what, text) => {
  writeFileSync(file(), text);
  const preferences = open();
  expect(preferences.get()).toEqual(defaultPreferences);
  expect(preferences.problem()).toMatchObject({ code: 'preferences-set-aside' });
  expect(readFileSync(join(folder, 'preferences.unreadable-20261127T130000Z.json'), 'utf8')).toBe(text);
  preferences.update({ theme: 'light' });
  expect(open().get().theme).toBe('light');
});

test('a folder in the place of the file is moved aside too', () => {
  mkdirSync(file());
  expect(open().problem()).toMatchObject({ code: 'preferences-set-aside' });
  expect(readdirSync(folder).toSorted()).toEqual(['preferences.json', 'preferences.unreadable-20261127T130000Z.json']);
});

test('where nothing can be written the app starts with the first preferences, keeps what is chosen while it runs, and says so', () => {
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file');
  const preferences = open();
  expect(preferences.problem()).toMatchObject({ code: 'preferences-unreadable' });
  expect(preferences.update({ theme: 'dark' }).theme).toBe('dark');
  expect(preferences.get().theme).toBe('dark');
});

test('a choice that cannot be written is kept while the app runs, and told of', () => {
  const preferences = open();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file');
  expect(preferences.update({ notifications: false }).notifications).toBe(false);
  expect(preferences.problem()).toMatchObject({ code: 'preferences-not-written' });
});

test('the file is for its owner alone', () => {
  const preferences = open();
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  chmodSync(file(), 0o644);
  preferences.update({ theme: 'dark' });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});
