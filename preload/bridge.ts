import { contextBridge, ipcRenderer } from 'electron';
import type { ShellBridge, ShellState } from './contract/shell.ts';
import { shellChannels } from './contract/shell-channels.ts';

/** What the shell knew when it made the window, handed over in the command line of the page's process so that nothing waits for it. */
const initialFlag = '--mirrorfleet-initial=';

/** What arrives on a channel. The last value that came before anybody listened is kept for whoever listens first. */
function hearing(channel: string): (listener: (value: unknown) => void) => () => void {
  const listeners = new Set<(value: unknown) => void>();
  let early: readonly unknown[] = [];
  ipcRenderer.on(channel, (_event, value: unknown) => {
    if (listeners.size === 0) early = [value];
    for (const listener of listeners) listener(value);
  });
  return (listener) => {
    listeners.add(listener);
    for (const value of early) listener(value);
    early = [];
    return () => listeners.delete(listener);
  };
}
const states = hearing(shellChannels.stateChanged);
const places = hearing(shellChannels.place);

function initial(): ShellState {
  const said = process.argv.find((each) => each.startsWith(initialFlag)) ?? '';
  return JSON.parse(decodeURIComponent(said.slice(initialFlag.length))) as ShellState;
}

const bridge: ShellBridge = {
  initial: initial(),
  onState: (listener) => states((state) => listener(state as ShellState)),
  connect: () => ipcRenderer.send(shellChannels.connect),
  onPlace: (listener) => places((hash) => listener(String(hash))),
  prefer: (part) => ipcRenderer.invoke(shellChannels.prefer, part) as Promise<ShellState>,
  reveal: (what) => ipcRenderer.invoke(shellChannels.reveal, what) as Promise<void>,
  copy: (text) => ipcRenderer.invoke(shellChannels.copy, text) as Promise<void>,
  openLink: (address) => ipcRenderer.invoke(shellChannels.openLink, address) as Promise<void>,
  startCore: () => ipcRenderer.invoke(shellChannels.startCore) as Promise<void>,
};
contextBridge.exposeInMainWorld('mirrorfleetShell', bridge);

// A port cannot cross the bridge; it goes to the page as a message of this very window.
ipcRenderer.on(shellChannels.port, (event) => {
  window.postMessage(shellChannels.port, window.location.origin, event.ports);
});
