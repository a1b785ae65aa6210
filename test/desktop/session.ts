import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Machine } from '../lab/lab.ts';
import { SessionBus } from './session-bus.ts';

/** What a person's desktop has besides a screen. */
export interface SessionOptions {
  /** Whether there is a panel that shows trays. */
  readonly panel?: boolean;
  /** GNOME's keyring as a Secret Service: none, opened at login as usual, or closed, as after a login without a password. */
  readonly keyring?: 'absent' | 'unlocked' | 'locked';
}

const keyringPassword = 'dev-keyring-pw';

/** A person's desktop session at the laptop, from login to logout: a screen, a session bus, and what is on it. */
export class Session {
  readonly bus: SessionBus;
  readonly #laptop: Machine;
  readonly #display: string;
  readonly #programs: readonly ChildProcess[];

  private constructor(laptop: Machine, bus: SessionBus, display: string, programs: readonly ChildProcess[]) {
    this.#laptop = laptop;
    this.bus = bus;
    this.#display = display;
    this.#programs = programs;
  }

  static async start(laptop: Machine, { panel = true, keyring = 'absent' }: SessionOptions = {}): Promise<Session> {
    await laptop.mustExec([
      'sh',
      '-c',
      'mkdir -p -m 1777 /tmp/.X11-unix; install -d -m 700 -o dev -g dev /run/user-dev',
    ]);
    const [{ screen, display }, bus] = await Promise.all([startScreen(laptop), SessionBus.start(laptop, panel)]);
    const programs = [screen];
    if (keyring !== 'absent') programs.push(await startKeyring(laptop, bus.address, keyring));
    return new Session(laptop, bus, display, programs);
  }

  /** What every program of this session has in its environment. */
  get env(): Readonly<Record<string, string>> {
    return { DISPLAY: this.#display, DBUS_SESSION_BUS_ADDRESS: this.bus.address, XDG_RUNTIME_DIR: '/run/user-dev' };
  }

  /** A picture of the whole screen, as PNG. */
  async screenshot(file: string): Promise<void> {
    const picture = ['sh', '-c', 'import -window root png:- | base64 -w0'];
    const said = await this.#laptop.mustExec(picture, { user: 'dev', env: this.env });
    await mkdir(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(said, 'base64'));
  }

  async end(): Promise<void> {
    await this.bus.end();
    await Promise.all(this.#programs.map((program) => stop(program)));
  }
}

async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const gone = once(program, 'close');
  program.kill('SIGTERM');
  await gone;
}

/** A screen that nobody sees. It says the number of its display when it can be drawn on. */
async function startScreen(laptop: Machine): Promise<{ screen: ChildProcess; display: string }> {
  const argv = ['Xvfb', '-displayfd', '1', '-screen', '0', '1440x960x24', '-nolisten', 'tcp'];
  const screen = laptop.spawn(argv, { user: 'dev' });
  screen.stderr?.resume();
  if (screen.stdout === null) throw new Error('Xvfb has no output');
  const display = await Promise.race([
    once(screen.stdout, 'data').then(([number]) => `:${String(number).trim()}`),
    once(screen, 'close').then(() => Promise.reject(new Error('Xvfb did not start'))),
  ]);
  return { screen, display };
}

/** Starts the keyring and waits until it answers. A locked one was made, with its password, by a session before. */
async function startKeyring(laptop: Machine, address: string, state: 'unlocked' | 'locked'): Promise<ChildProcess> {
  const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: '/run/user-dev' };
  const words = ['--foreground', '--components=secrets', ...(state === 'unlocked' ? ['--unlock'] : [])];
  const keyring = laptop.spawn(['gnome-keyring-daemon', ...words], { user: 'dev', env });
  keyring.stdout?.resume();
  keyring.stderr?.resume();
  keyring.stdin?.end(keyringPassword);
  const answers =
    'until gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets/collection/login --method org.freedesktop.DBus.Properties.Get org.freedesktop.Secret.Collection Locked; do sleep 0.05; done';
  const said = await laptop.mustExec(['timeout', '20', 'sh', '-c', answers], { user: 'dev', env });
  if (said.includes(state === 'locked' ? 'false' : 'true')) throw new Error(`the keyring is not ${state}: ${said}`);
  return keyring;
}
