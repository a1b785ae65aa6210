import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../../preload/contract/live.ts';
import { AppTray } from '../../../main/shell/tray.ts';
import type { ShellAction, TrayAction } from '../../../main/shell/tray-action.ts';
import type { MenuLine } from '../../../main/shell/tray-menu.ts';
import { engine, laptop, node, now, running, task } from './laptop.ts';

beforeEach(() => vi.useFakeTimers({ now }));
afterEach(() => vi.useRealTimers());

function shown(first: Snapshot, { still = false } = {}) {
  const [images, tooltips, menus, acts]: [string[], string[], (readonly MenuLine[])[], ShellAction[]] = [
    [],
    [],
    [],
    [],
  ];
  let snapshot = first;
  let tell = (): void => {};
  let hosted = true;
  let hostTells = (): void => {};
  let click = (): void => {};
  let choose: (action: TrayAction) => void = () => {};
  const tray = new AppTray({
    icons: { image: (icon, frame) => `${icon}${icon === 'busy' ? frame : ''}` as never },
    surface: () => ({
      setImage: (image) => images.push(image as unknown as string),
      setToolTip: (text) => tooltips.push(text),
      setMenu: (lines, act) => {
        menus.push(lines);
        choose = act;
      },
      onClick: (listener) => (click = listener),
      close: () => images.push('closed'),
    }),
    host: {
      there: () => hosted,
      subscribe: (listener) => {
        hostTells = listener;
        return () => (hostTells = () => {});
      },
    },
    link: {
      state: () => running,
      snapshot: () => snapshot,
      client: () => undefined,
      subscribe: (listener) => {
        tell = listener;
        return () => (tell = () => {});
      },
    },
    language: () => 'en',
    act: (action) => acts.push(action),
    still: () => still,
  });
  const news = (next: Snapshot): void => {
    snapshot = next;
    tell();
  };
  const host = (there: boolean): void => {
    hosted = there;
    hostTells();
  };
  return {
    host,
    tray,
    images,
    tooltips,
    menus,
    acts,
    news,
    click: () => click(),
    choose: (action: TrayAction) => choose(action),
  };
}

const at84 = laptop({ nodes: [node('tokyo', 84)], runtimes: [engine('docker', ['tokyo'])] });
const at85 = { ...at84, nodes: [node('tokyo', 85)] };

test('what stays the same is set once, however often the core tells of something', () => {
  const { images, tooltips, menus, news } = shown(at84);
  for (let round = 0; round < 5; round += 1) {
    news(structuredClone(at84));
    vi.advanceTimersByTime(300);
  }
  expect([images, tooltips.length, menus.length]).toEqual([['through'], 1, 1]);
});

test('what changes often is set at most four times a second, and its last value is shown', () => {
  const { menus, news } = shown(at84);
  for (let ms = 0; ms < 1000; ms += 20) {
    news({ ...at84, nodes: [node('tokyo', 100 + ms)] });
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(250);
  expect(menus.length).toBeLessThanOrEqual(6);
  expect(menus.at(-1)?.[0]?.label).toBe('● Docker → tokyo · 1,080 ms');
});

test('work is drawn by two pictures that change twice a second, and stop with it', () => {
  const { images, news } = shown({ ...at84, tasks: [task('prune', 'tokyo')] });
  vi.advanceTimersByTime(2000);
  expect(images).toEqual(['busy1', 'busy0', 'busy1', 'busy0']);
  news(at84);
  vi.advanceTimersByTime(2000);
  expect(images.slice(4)).toEqual(['through']);
});

test('where motion is not wanted the picture of work stands still', () => {
  const { images } = shown({ ...at84, tasks: [task('prune', 'tokyo')] }, { still: true });
  vi.advanceTimersByTime(5000);
  expect(images).toEqual([]);
});

test('a value grows old by itself', () => {
  const { menus } = shown(at84);
  vi.advanceTimersByTime(120_000);
  expect(menus.at(-1)?.[0]?.label).toBe('◐ Docker → tokyo · tokyo was last seen 1 min ago');
});

test('after a click the menu is set again: the click moved its mark, whatever comes of it', () => {
  const { menus, choose, news } = shown(at84);
  choose({ kind: 'switch', route: [] });
  vi.advanceTimersByTime(300);
  expect(menus).toHaveLength(2);
  expect(menus[1]).toEqual(menus[0]);
  news(at85);
  vi.advanceTimersByTime(300);
  expect(menus).toHaveLength(3);
});

test('what is not the tray’s own goes to the shell, and a click on the picture opens the window', () => {
  const { acts, choose, click } = shown(at84);
  choose({ kind: 'open', hash: '#/cache' });
  choose({ kind: 'quit' });
  click();
  expect(acts).toEqual([{ kind: 'open', hash: '#/cache' }, { kind: 'quit' }, { kind: 'open' }]);
});

test('a tray that is closed draws no more', () => {
  const { tray, images, menus, news } = shown(at84);
  tray.close();
  news(at85);
  vi.advanceTimersByTime(60_000);
  expect([images, menus.length]).toEqual([['through', 'closed'], 1]);
});

test('a desktop that shows trays only later is given the tray anew, with all that it shows', () => {
  const { tray, host, images, tooltips, menus } = shown(at84);
  host(false);
  expect(tray.exists()).toBe(false);
  host(true);
  vi.advanceTimersByTime(300);
  expect(tray.exists()).toBe(true);
  expect(images).toEqual(['through', 'closed']);
  expect([tooltips[1], menus[1]]).toEqual([tooltips[0], menus[0]]);
});
