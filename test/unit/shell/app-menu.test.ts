import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { appMenuTemplate } from '../../../main/shell/app-menu.ts';
import { wordsFor } from '../../../main/shell/shell-words.ts';

const actions = { settings: () => {}, quit: () => {} };
const flat = (items: readonly MenuItemConstructorOptions[]): readonly MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);
const menu = (platform: NodeJS.Platform, development = false, language: 'en' | 'zh-CN' = 'en') =>
  flat(appMenuTemplate(wordsFor(language), platform, development, actions));
const roles = (items: readonly MenuItemConstructorOptions[]) => items.flatMap(({ role }) => role ?? []);

test('on every platform one can quit, come to the settings, close, copy and paste, and change the size by keys', () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    const items = menu(platform);
    expect(items.find(({ accelerator }) => accelerator === 'CommandOrControl+Q')?.click).toBe(actions.quit);
    expect(items.find(({ accelerator }) => accelerator === 'CommandOrControl+,')?.click).toBe(actions.settings);
    expect(roles(items)).toEqual(
      expect.arrayContaining(['close', 'cut', 'copy', 'paste', 'selectAll', 'zoomIn', 'zoomOut', 'resetZoom']),
    );
  }
});

test('the page can be reloaded and looked into in development only', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    expect(roles(menu(platform))).not.toEqual(expect.arrayContaining([expect.stringMatching(/reload|DevTools/i)]));
    expect(roles(menu(platform, true))).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
  }
});

test('macOS has the menus that its people look for', () => {
  expect(roles(menu('darwin'))).toEqual(
    expect.arrayContaining(['about', 'services', 'hide', 'hideOthers', 'unhide', 'windowMenu', 'minimize', 'front']),
  );
});

test('everything in the menu has words of the chosen language', () => {
  for (const item of menu('darwin', true, 'zh-CN')) {
    if (item.type === 'separator') continue;
    expect(item.label).toMatch(/[\u4e00-\u9fff]|^Mirrorfleet$/);
  }
});
