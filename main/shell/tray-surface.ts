import { Menu, type NativeImage, Tray } from 'electron';
import type { TrayAction } from './tray-action.ts';
import { type MenuLine, menuOptions } from './tray-menu.ts';

/** The place in the panel that a tray draws on. */
export interface TraySurface {
  setImage(image: NativeImage): void;
  setToolTip(text: string): void;
  setMenu(lines: readonly MenuLine[], act: (action: TrayAction) => void): void;
  /** Calls back for a click that opened no menu. */
  onClick(listener: () => void): void;
  close(): void;
}

/** Electron's tray. What is set after it was closed goes nowhere. */
export function createTraySurface(image: NativeImage): TraySurface {
  const tray = new Tray(image);
  const ifThere = (there: () => void): void => {
    if (!tray.isDestroyed()) there();
  };
  return {
    setImage: (next) => ifThere(() => tray.setImage(next)),
    setToolTip: (text) => ifThere(() => tray.setToolTip(text)),
    setMenu: (lines, act) => ifThere(() => tray.setContextMenu(Menu.buildFromTemplate(menuOptions(lines, act)))),
    onClick: (listener) => {
      tray.on('click', listener);
    },
    close: () => ifThere(() => tray.destroy()),
  };
}
