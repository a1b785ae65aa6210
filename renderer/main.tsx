import { createRoot } from 'react-dom/client';
import type { ShellBridge } from '../preload/contract/shell.ts';
import { App } from './app.tsx';
import { CoreProvider, createCore } from './core/core-context.tsx';
import { browserDoor } from './door/browser-door.ts';
import { DoorProvider } from './door/door-context.tsx';
import { shellDoor } from './door/shell-door.ts';
import { startWords } from './words/words.ts';

declare global {
  interface Window {
    /** What the desktop app offers its own page; a browser has none. */
    readonly mirrorfleetShell?: ShellBridge;
  }
}

const door = window.mirrorfleetShell ? shellDoor(window, window.mirrorfleetShell) : browserDoor(window);
// First of all: in a browser this takes the one-time token out of the address.
const core = createCore(door.connect());
startWords(door.appearance);

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <DoorProvider door={door}>
      <CoreProvider core={core}>
        <App />
      </CoreProvider>
    </DoorProvider>,
  );
