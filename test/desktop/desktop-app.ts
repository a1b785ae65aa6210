import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { Lab, Machine } from '../lab/lab.ts';
import { shareLoopback } from '../lab/loopback.ts';
import { appFolder } from './app-folder.ts';
import type { Session } from './session.ts';
import { Tray } from './tray.ts';

/** The switches that every start gets; none of them touches the sandbox, which is Electron's real one. */
const switches = ['--disable-gpu', '--password-store=basic'];

export interface StartOptions {
  /** The folder of this story's settings, data and socket, below dev's home. */
  readonly home: string;
  readonly args?: readonly string[];
  /** What is started besides our own app: another app folder's Electron. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The desktop app, started by a person in a session at the laptop. */
export class DesktopApp {
  readonly electron: ElectronApplication;
  readonly tray: Tray;
  readonly #child: ChildProcess;

  private constructor(electron: ElectronApplication, session: Session) {
    this.electron = electron;
    this.#child = electron.process();
    this.tray = new Tray(session.bus);
  }

  /** Starts the app and comes back when its main process runs; the tray and a window come later. */
  static async start(lab: Lab, session: Session, options: StartOptions): Promise<DesktopApp> {
    const laptop = await lab.machine('laptop');
    const [node, pages] = await debuggingPorts(lab);
    const program = join(mkdtempSync(join(lab.state.dir, 'electron-')), 'electron');
    const command = commandOf(laptop, session, options).map(quoted).join(' ');
    // Playwright asks for any free port; only these two lead out of the laptop's own network.
    const ports = `s/^--inspect=0$/--inspect=127.0.0.1:${node}/; s/^--remote-debugging-port=0$/--remote-debugging-port=${pages}/`;
    const script = `#!/bin/bash\nfor word in "$@"; do words+=("$(sed '${ports}' <<<"$word")"); done\nexec ${command} "\${words[@]}"\n`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    const args = [...switches, ...(options.args ?? [])];
    const electron = await _electron.launch({ executablePath: program, args, chromiumSandbox: true, timeout: 60_000 });
    return new DesktopApp(electron, session);
  }

  /** The app's window, when it is open and drawn. */
  async window(): Promise<Page> {
    const page = this.electron.windows()[0] ?? (await this.electron.waitForEvent('window'));
    await page.waitForLoadState();
    return page;
  }

  /** Whether a person sees a window of the app. */
  windowIsSeen(): Promise<boolean> {
    return this.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().some((window) => window.isVisible()),
    );
  }

  /** Closes the window as its own button does. */
  async closeWindow(): Promise<void> {
    await this.electron.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.close();
    });
  }

  /** Whether the app still runs. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until the app has ended by itself. */
  async ended(): Promise<void> {
    if (this.runs) await once(this.#child, 'close');
  }

  /** Ends the app however it is, as the end of a story does. */
  async end(): Promise<void> {
    if (!this.runs) return;
    const gone = this.ended();
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** A second start, as from the menu of applications or by a link: not watched, and over when it has handed over. */
export function startAgain(laptop: Machine, session: Session, options: StartOptions): ChildProcess {
  const [program = '', ...rest] = commandOf(laptop, session, options);
  return spawn(program, [...rest, ...switches, ...(options.args ?? [])], { env: {}, stdio: 'ignore' });
}

function commandOf(laptop: Machine, session: Session, { home, program, env }: StartOptions): readonly string[] {
  const variables = {
    ...session.env,
    MIRRORFLEET_HOME: `/home/dev/${home}`,
    XDG_CONFIG_HOME: `/home/dev/${home}/xdg`,
    MIRRORFLEET_NODE: appFolder.node,
    MIRRORFLEET_CORE: appFolder.core,
    ...env,
  };
  return laptop.entering([program ?? appFolder.electron], { user: 'dev', env: variables });
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Two ports of the laptop's own loopback that this process reaches too, for as long as the lab runs. */
let shared: Promise<readonly [number, number]> | undefined;
function debuggingPorts(lab: Lab): Promise<readonly [number, number]> {
  shared ??= Promise.all([shareLoopback(lab.state, 'laptop'), shareLoopback(lab.state, 'laptop')]).then(
    ([node, pages]) => [node.port, pages.port] as const,
  );
  return shared;
}
