import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Whether this desktop shows trays. */
export interface TrayHost {
  there(): boolean;
  /** Calls back when that changed. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** A program that watches, as much of it as is needed. */
export interface Watching {
  readonly stdout: Readable;
  /** Calls back once when it ended, or could not be started (`missing`). */
  onEnd(listener: (how: { readonly missing: boolean }) => void): void;
  kill(): void;
}

const watcher = 'org.kde.StatusNotifierWatcher';
const monitor = ['gdbus', 'monitor', '--session', '--dest', watcher] as const;
/** With the first, the program ends with this app however that ends; an old system may not have it. */
const commands = [['setpriv', '--pdeathsig', 'TERM', ...monitor], monitor] as const;

/**
 * Of Linux desktops some show trays and some do not; one that does owns a name on the session bus. Measured on Electron 22: a tray that is made
 * without it appears nowhere, tells no one, and stays away when the name comes later; made with it, it comes back by itself when the name
 * was away for a while. `gdbus`, which every desktop built on GLib has, tells of the name and of each change. Where it is missing, a tray is
 * taken to be there: then the window explains nothing, and closing it may leave an app that is only seen by starting it again.
 */
export function watchTrayHost(
  platform: NodeJS.Platform,
  start: (command: readonly string[]) => Watching = startProgram,
): TrayHost {
  const listeners = new Set<() => void>();
  let there = true;
  let heard = false;
  let watching: Watching | undefined;
  const put = (next: boolean): void => {
    heard = true;
    if (there === next) return;
    there = next;
    for (const listener of listeners) listener();
  };
  const watch = ([command, ...others]: readonly (readonly string[])[]): void => {
    if (command === undefined) return;
    watching = start(command);
    createInterface({ input: watching.stdout }).on('line', (line) => {
      const owned = isOwned(line);
      if (owned !== undefined) put(owned);
    });
    watching.onEnd(({ missing }) => {
      if (heard) return;
      if (others.length > 0) watch(others);
      // It ends at once where there is no session bus, and so no tray.
      else if (!missing) put(false);
    });
  };
  if (platform === 'linux') watch(commands);
  return {
    there: () => there,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      heard = true;
      listeners.clear();
      watching?.kill();
    },
  };
}

/** What a line of `gdbus monitor` says of the watched name: owned, not owned, or nothing. */
function isOwned(line: string): boolean | undefined {
  if (line.startsWith(`The name ${watcher} is owned by`)) return true;
  return line.startsWith(`The name ${watcher} does not have an owner`) ? false : undefined;
}

function startProgram([program = '', ...args]: readonly string[]): Watching {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } });
  let ended = false;
  return {
    stdout: child.stdout,
    onEnd: (listener) => {
      const end = (missing: boolean): void => {
        if (!ended) listener({ missing });
        ended = true;
      };
      child.once('error', () => end(true));
      child.once('close', () => end(false));
    },
    kill: () => child.kill(),
  };
}
