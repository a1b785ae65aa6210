import type { MenuItemConstructorOptions } from 'electron';
import type { Words } from './shell-words.ts';

/** What the menu does beyond Electron's own roles. */
export interface MenuActions {
  readonly settings: () => void;
  readonly quit: () => void;
}

/**
 * The application's menu. macOS shows it; on Linux and Windows the window hides it, and what remains of it are its shortcuts. Reloading
 * and Chromium's tools are for development only.
 */
export function appMenuTemplate(
  words: Words<'desktop'>,
  platform: NodeJS.Platform,
  development: boolean,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const settings = { label: words('menu-settings'), accelerator: 'CommandOrControl+,', click: actions.settings };
  const quit = { label: words('menu-quit'), accelerator: 'CommandOrControl+Q', click: actions.quit };
  const mac = platform === 'darwin';
  return [
    mac
      ? { label: 'Mirrorfleet', submenu: [...macApp(words, settings), quit] }
      : { label: 'Mirrorfleet', submenu: [settings, close(words), quit] },
    { label: words('menu-edit'), submenu: edit(words) },
    { label: words('menu-view'), submenu: view(words, development) },
    ...(mac ? [{ role: 'windowMenu', label: words('menu-window'), submenu: macWindow(words) } as const] : []),
  ];
}

const line = { type: 'separator' } as const;
const close = (words: Words<'desktop'>): MenuItemConstructorOptions => ({ role: 'close', label: words('menu-close') });

function macApp(words: Words<'desktop'>, settings: MenuItemConstructorOptions): MenuItemConstructorOptions[] {
  return [
    { role: 'about', label: words('menu-about') },
    line,
    settings,
    line,
    { role: 'services', label: words('menu-services') },
    line,
    { role: 'hide', label: words('menu-hide') },
    { role: 'hideOthers', label: words('menu-hide-others') },
    { role: 'unhide', label: words('menu-show-all') },
    line,
  ];
}

function edit(words: Words<'desktop'>): MenuItemConstructorOptions[] {
  return [
    { role: 'undo', label: words('menu-undo') },
    { role: 'redo', label: words('menu-redo') },
    line,
    { role: 'cut', label: words('menu-cut') },
    { role: 'copy', label: words('menu-copy') },
    { role: 'paste', label: words('menu-paste') },
    { role: 'selectAll', label: words('menu-select-all') },
  ];
}

function view(words: Words<'desktop'>, development: boolean): MenuItemConstructorOptions[] {
  const tools: MenuItemConstructorOptions[] = [
    { role: 'reload', label: words('menu-reload') },
    { role: 'toggleDevTools', label: words('menu-tools') },
    line,
  ];
  return [
    ...(development ? tools : []),
    { role: 'resetZoom', label: words('menu-zoom-reset') },
    { role: 'zoomIn', label: words('menu-zoom-in') },
    // The same key without Shift, as browsers have it.
    { role: 'zoomIn', label: words('menu-zoom-in'), accelerator: 'CommandOrControl+=', visible: false },
    { role: 'zoomOut', label: words('menu-zoom-out') },
    line,
    { role: 'togglefullscreen', label: words('menu-full-screen') },
  ];
}

function macWindow(words: Words<'desktop'>): MenuItemConstructorOptions[] {
  return [
    { role: 'minimize', label: words('menu-minimize') },
    { role: 'zoom', label: words('menu-zoom') },
    close(words),
    line,
    { role: 'front', label: words('menu-front') },
  ];
}
