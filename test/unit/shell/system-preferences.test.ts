import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { defaultPreferences, type Kept, PreferencesStore } from '../../../main/shell/preferences.ts';
import { SystemPreferences } from '../../../main/shell/system-preferences.ts';
import { fail } from '../../../preload/contract/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-system-'));
afterAll(() => rmSync(folder, { recursive: true }));

function system(kept: Partial<Kept>, opensAtLogin = false, foreign = false) {
  rmSync(join(folder, 'preferences.json'), { force: true });
  const store = { path: join(folder, 'preferences.json'), store: { ...defaultPreferences, ...kept } };
  const preferences = new PreferencesStore(folder, () => store);
  const nativeTheme: { themeSource: 'system' | 'light' | 'dark' } = { themeSource: 'system' };
  let open = opensAtLogin;
  const loginItem = {
    isOpen: () => open,
    setOpen: (wanted: boolean) => {
      if (foreign) fail({ code: 'login-item-foreign', message: 'Not ours.', hint: 'Move it.' });
      open = wanted;
    },
  };
  const follow = new SystemPreferences(preferences, loginItem, nativeTheme);
  return { preferences, nativeTheme, loginItem, follow };
}

test('native surfaces take the chosen colours at the start and with every choice', () => {
  const { nativeTheme, follow } = system({ theme: 'dark' });
  expect(nativeTheme.themeSource).toBe('dark');
  follow.prefer({ theme: 'light' });
  expect(nativeTheme.themeSource).toBe('light');
});

test('a login item that was taken away by other means is not believed to be there', () => {
  expect(system({ openAtLogin: true }).preferences.get().openAtLogin).toBe(false);
});

test('starting at login is asked of the system once it is chosen', () => {
  const { follow, loginItem, preferences } = system({});
  follow.prefer({ openAtLogin: true });
  expect([loginItem.isOpen(), preferences.get().openAtLogin]).toEqual([true, true]);
  expect(follow.problem()).toBeUndefined();
});

test('what the system refuses is told and not kept as if it were so', () => {
  const { follow, preferences } = system({}, false, true);
  follow.prefer({ openAtLogin: true, theme: 'dark' });
  expect(preferences.get()).toMatchObject({ openAtLogin: false, theme: 'dark' });
  expect(follow.problem()).toMatchObject({ code: 'login-item-foreign' });
  follow.prefer({ openAtLogin: false });
  expect(follow.problem()).toBeUndefined();
});
