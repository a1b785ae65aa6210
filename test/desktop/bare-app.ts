import './held-start.ts';
import { app, BrowserWindow, Menu, nativeImage, Tray } from 'electron';

/** The least that an app of this kind can be, for measuring beside ours: a tray with a menu, and a window with one word. */
const side = 22;
void app.whenReady().then(() => {
  const tray = new Tray(
    nativeImage.createFromBuffer(Buffer.alloc(side * side * 4, 255), { width: side, height: side }),
  );
  const open = (): void => {
    const window = new BrowserWindow({ width: 1200, height: 800, webPreferences: { sandbox: true } });
    void window.loadURL('data:text/html,<!doctype html><title>bare</title><h1>Bare</h1>');
  };
  const menu = Menu.buildFromTemplate([
    { label: 'Nothing is known', enabled: false },
    { type: 'separator' },
    { label: 'Open bare', click: open },
    { label: 'Quit', click: () => app.quit() },
  ]);
  tray.setContextMenu(menu);
  // Without this an app ends with its last window.
  app.on('window-all-closed', () => tray.setContextMenu(menu));
});
