import { contextBridge, ipcRenderer } from 'electron';
import type { ShellBridge, ShellState } from './contract/shell.ts';
import { shellChannels } from './contract/shell-channels.ts';

/** What the shell knew when it made the window, handed over in the command line of the page's process so that nothing waits for it. */
const initialFlag = '--mirrorfleet-initial=';

function hear(channel: string, listener: (value: unknown) => void): () => void {
  const each = (_event: unknown, value: unknown): void => listener(value);
  ipcRenderer.on(channel, each);
  return () => ipcRenderer.off(channel, each);
}

function initial(): ShellState {
  const said = process.argv.find((each) => each.startsWith(initialFlag)) ?? '';
  return JSON.parse(decodeURIComponent(said.slice(initialFlag.length))) as ShellState;
}

const bridge: ShellBridge = {
  initial: initial(),
  onState: (listener) => hear(shellChannels.stateChanged, (state) => listener(state as ShellState)),
  connect: () => ipcRenderer.send(shellChannels.connect),
  onPlace: (listener) => hear(shellChannels.place, (hash) => listener(String(hash))),
  prefer: (part) => ipcRenderer.invoke(shellChannels.prefer, part) as Promise<ShellState>,
  reveal: (what) => ipcRenderer.invoke(shellChannels.reveal, what) as Promise<void>,
  copy: (text) => ipcRenderer.invoke(shellChannels.copy, text) as Promise<void>,
  openLink: (address) => ipcRenderer.invoke(shellChannels.openLink, address) as Promise<void>,
  startCore: () => ipcRenderer.invoke(shellChannels.startCore) as Promise<void>,
};
contextBridge.exposeInMainWorld('mirrorfleetShell', bridge);

// A port cannot cross the bridge; it goes to the page as a message of this very window.
ipcRenderer.on(shellChannels.port, (event) => {
  window.postMessage(shellChannels.port, window.location.origin === 'null' ? '*' : window.location.origin, event.ports);
});
