import type { Clipboard, Shell } from 'electron';
import { fail } from '../../preload/contract/problem.ts';
import { linkedPlaces } from '../../preload/contract/linked-places.ts';
import type { Reveal } from '../../preload/contract/shell.ts';

/** Whether an address is one that the system's browser may be shown. Compared as the browser will understand it, not as it is written. */
export function mayOpen(address: string): boolean {
  if (address.length > 2000) return false;
  try {
    // Written out in full, so that neither user, port, case nor `..` can make it look like a place that it is not.
    const { href } = new URL(address);
    return linkedPlaces.some((place) => href.startsWith(place));
  } catch {
    return false;
  }
}

/** Files that are shown in the system's file manager; named here, never by a page. */
export interface Shown {
  readonly coreLog: string;
  readonly settingsFolder: string;
}

/** All that the window may have done outside of it. The only user of `shell.openExternal`. */
export interface Outside {
  openLink(address: string): Promise<void>;
  reveal(what: Reveal): Promise<void>;
  copy(text: string): Promise<void>;
}

export function outside(
  shell: Pick<Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>,
  clipboard: Pick<Clipboard, 'writeText'>,
  shown: Shown,
): Outside {
  return {
    async openLink(address) {
      if (!mayOpen(address)) {
        fail({
          code: 'link-not-allowed',
          message: 'The address is not one that Mirrorfleet links to; it was not opened.',
          hint: 'Copy the address into your browser if you trust it.',
        });
      }
      await shell.openExternal(new URL(address).href);
    },
    async reveal(what) {
      if (what === 'core-log') return shell.showItemInFolder(shown.coreLog);
      const reason = await shell.openPath(shown.settingsFolder);
      if (reason !== '') {
        fail({
          code: 'folder-not-shown',
          message: `The system could not show ${shown.settingsFolder}.`,
          hint: 'Open the folder in your file manager yourself.',
          detail: { reason },
        });
      }
    },
    async copy(text) {
      await clipboard.writeText(text);
    },
  };
}
