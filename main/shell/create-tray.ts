import { nativeTheme, systemPreferences } from 'electron';
import type { Language } from '../../preload/contract/language.ts';
import type { CoreLink } from './core-link.ts';
import type { TrayHost } from './status-notifier.ts';
import { AppTray } from './tray.ts';
import type { ShellAction } from './tray-action.ts';
import { TrayIcons } from './tray-icons.ts';
import { createTraySurface } from './tray-surface.ts';

/** Builds the tray on Electron. `icons` is the folder of its pictures. */
export function createTray(options: {
  readonly icons: string;
  readonly host: TrayHost;
  readonly link: CoreLink;
  readonly language: () => Language;
  readonly act: (action: ShellAction) => void;
}): AppTray {
  const { icons, host, link, language, act } = options;
  const tray = new AppTray({
    icons: new TrayIcons({
      folder: icons,
      platform: process.platform,
      desktop: process.env['XDG_CURRENT_DESKTOP'] ?? '',
      dark: darkSurfaces,
    }),
    surface: createTraySurface,
    host,
    link,
    language,
    act,
    still: () => systemPreferences.getAnimationSettings().prefersReducedMotion,
  });
  nativeTheme.on('updated', () => tray.update());
  return tray;
}

/** Windows colours its task bar apart from its windows; an Electron that does not know of that has the windows' colour only. */
function darkSurfaces(): boolean {
  const { shouldUseDarkColors, shouldUseDarkColorsForSystemIntegratedUI: bar } = nativeTheme;
  return process.platform === 'win32' ? ((bar as boolean | undefined) ?? shouldUseDarkColors) : shouldUseDarkColors;
}
