import { expect, test } from 'vitest';
import type { PreferencesPart, ShellBridge, ShellState } from '../../../../preload/contract/shell.ts';
import { keptByBrowser } from '../../../../renderer/door/browser-door.ts';
import { followShell } from '../../../../renderer/door/shell.ts';
import { keptByShell, shellDoor } from '../../../../renderer/door/shell-door.ts';
import { schemeManager } from '../../../../renderer/theme/scheme-manager.ts';

const initial: ShellState = {
  version: '1',
  core: { state: 'running', own: true },
  preferences: { theme: 'system', language: 'zh-CN', openAtLogin: false, notifications: true },
  tray: true,
};

/** A shell whose answers are given by hand. */
function playedShell() {
  const asked: PreferencesPart[] = [];
  const told = new Set<(state: ShellState) => void>();
  let sent: (hash: string) => void = () => {};
  let answer: (part: PreferencesPart) => Promise<ShellState> = async () => initial;
  const bridge = {
    initial,
    onState(listener: (state: ShellState) => void) {
      told.add(listener);
      return () => told.delete(listener);
    },
    onPlace(listener: (hash: string) => void) {
      sent = listener;
      return () => {};
    },
    connect() {},
    prefer(part: PreferencesPart) {
      asked.push(part);
      return answer(part);
    },
  } as unknown as ShellBridge;
  return {
    bridge,
    asked,
    tell: (state: ShellState) => told.forEach((listener) => listener(state)),
    send: (hash: string) => sent(hash),
    answers: (how: typeof answer) => (answer = how),
  };
}
const preferring = (part: PreferencesPart): ShellState => ({
  ...initial,
  preferences: Object.assign({ ...initial.preferences }, part),
});

test('the shell’s preferences are there before anything is drawn, and a change from elsewhere is followed', () => {
  const { bridge, tell } = playedShell();
  const kept = keptByShell(followShell(bridge));
  expect(kept.get()).toMatchObject({ theme: 'system', language: 'zh-CN' });
  let heard = 0;
  kept.subscribe(() => (heard += 1));
  tell(preferring({ theme: 'dark', language: 'en' }));
  expect(kept.get()).toMatchObject({ theme: 'dark', language: 'en' });
  expect(heard).toBe(1);
});

test('a choice shows at once and is kept by the shell; one that the shell does not keep is taken back', async () => {
  const played = playedShell();
  const kept = keptByShell(followShell(played.bridge));
  played.answers(async (part) => preferring(part));
  kept.choose({ theme: 'dark' });
  expect(kept.get().theme).toBe('dark');
  played.answers(() => Promise.reject(new Error('no room on the disk')));
  kept.choose({ language: 'en' });
  expect(kept.get().language).toBe('en');
  await expect.poll(() => kept.get()).toMatchObject({ theme: 'dark', language: 'zh-CN' });
  expect(played.asked).toEqual([{ theme: 'dark' }, { language: 'en' }]);
});

test('Mantine follows a change from elsewhere without handing it back as a choice', async () => {
  const played = playedShell();
  const manager = schemeManager(keptByShell(followShell(played.bridge)));
  const updates: string[] = [];
  manager.subscribe((scheme) => {
    updates.push(scheme);
    manager.set(scheme);
  });
  played.tell(preferring({ theme: 'dark' }));
  played.tell(preferring({ theme: 'dark', notifications: false }));
  expect(updates).toEqual(['dark']);
  expect(played.asked).toEqual([]);
  manager.set('auto');
  expect(played.asked).toEqual([{ theme: 'system' }]);
  manager.unsubscribe();
});

test('the shell sends the window to a place', () => {
  const { bridge, send } = playedShell();
  const page = Object.assign(new EventTarget(), { location: { hash: '' } });
  shellDoor(page, bridge);
  send('#/cache');
  expect(page.location.hash).toBe('#/cache');
});

/** A browser's store with the event of another tab. */
function playedBrowser(kept: Record<string, string>) {
  const page = Object.assign(new EventTarget(), {
    localStorage: {
      getItem: (key: string) => kept[key] ?? null,
      setItem: (key: string, value: string) => void (kept[key] = value),
    },
  });
  return {
    store: keptByBrowser(page as unknown as Window),
    otherTab: (key: string, value: string): void => {
      kept[key] = value;
      page.dispatchEvent(Object.assign(new Event('storage'), { key }));
    },
    kept,
  };
}

test('a browser keeps the choice itself, under the names it always had, and other tabs follow', () => {
  const { store, otherTab, kept } = playedBrowser({
    'mirrorfleet-theme': 'auto',
    'mirrorfleet-language': 'klingon',
  });
  expect(store.get()).toEqual({ theme: 'system', language: 'system' });
  let heard = 0;
  const leave = store.subscribe(() => (heard += 1));
  store.choose({ theme: 'dark' });
  store.choose({ language: 'zh-CN' });
  expect(kept).toEqual({ 'mirrorfleet-theme': 'dark', 'mirrorfleet-language': 'zh-CN' });
  otherTab('mirrorfleet-theme', 'light');
  otherTab('something-else', 'x');
  expect(store.get()).toEqual({ theme: 'light', language: 'zh-CN' });
  expect(heard).toBe(3);
  leave();
  otherTab('mirrorfleet-theme', 'dark');
  expect(heard).toBe(3);
});
