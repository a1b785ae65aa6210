import type { ShellBridge } from '../../preload/contract/shell.ts';
import { openShellConnection } from '../core/shell-connection.ts';
import type { AppearanceStore } from './appearance.ts';
import type { Door } from './door.ts';
import { guardTyping } from './half-typed.ts';
import { followShell, type Shell } from './shell.ts';

/** The parts of a window that the desktop's door needs. */
type DeskWindow = EventTarget & { readonly location: Pick<Location, 'hash'> };

/** The pages in the window of the desktop app: what the reader chose is kept by the app, which also says where to go. */
export function shellDoor(page: DeskWindow, bridge: ShellBridge): Door {
  const shell = followShell(bridge);
  guardTyping(page);
  bridge.onPlace((hash) => {
    page.location.hash = hash;
  });
  return {
    appearance: keptByShell(shell),
    connect: () => openShellConnection(page, shell),
    copy: (text) => bridge.copy(text),
    openLink: (address) => void bridge.openLink(address).catch(() => {}),
    shell,
  };
}

/** The reader's choice as the app keeps it. */
export function keptByShell(shell: Pick<Shell, 'state' | 'subscribe' | 'prefer'>): AppearanceStore {
  return {
    get: () => shell.state().preferences,
    choose: (part) => shell.prefer(part),
    subscribe: (listener) => shell.subscribe(listener),
  };
}
