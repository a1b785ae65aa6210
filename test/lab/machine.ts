import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { catalogue, homeOf, type MachineName, type MachinePlan } from './catalogue.ts';
import { cgroupName, enterCgroupScript } from './cgroups.ts';
import { mustRun, runCommand, type CommandResult } from './command.ts';
import { withFileLock } from './file-lock.ts';
import type { LabState } from './lab-state.ts';
import { bootMachine, machineFolder, machinePid, powerOff } from './machine-boot.ts';
import { makeReady } from './machine-ready.ts';

export interface ExecOptions {
  /** Default root, whatever the login user is. */
  readonly user?: string;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed after this many milliseconds and the result has code 124. */
  readonly timeoutMs?: number;
  /** Default the user's home. */
  readonly cwd?: string;
}

/** One computer of the lab. It is up when you get it from `lab.machine(name)`. */
export class Machine {
  readonly name: MachineName;
  readonly ip: string;
  /** The user that may log in over SSH with {@link keyFile}; on the laptop the person at the keyboard. */
  readonly user: string;
  /** Password of {@link user} for sudo (and SSH where the server allows it), if it has one. */
  readonly password: string | undefined;
  readonly keyFile: string;
  readonly #state: LabState;
  readonly #plan: MachinePlan;

  constructor(state: LabState, name: MachineName) {
    this.#state = state;
    this.#plan = catalogue[name];
    this.name = name;
    this.ip = this.#plan.address;
    this.user = this.#plan.user;
    this.password = this.#plan.password;
    this.keyFile = state.keyFile;
  }

  get isUp(): boolean {
    return machinePid(this.#state, this.#plan) !== undefined;
  }

  /** Powers on if need be and waits until SSH and the engine answer; safe to call from several processes at once. */
  async ensureUp(): Promise<void> {
    await withFileLock(join(this.#state.dir, `${this.name}.lock`), async () => {
      if (!this.isUp) await bootMachine(this.#state, this.#plan);
      await makeReady(this, this.#plan);
    });
  }

  /** Runs a command inside to its end. A failing command is a result, not an error. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    const { input, timeoutMs } = options;
    return runCommand(this.entering(argv, options), {
      env: {},
      ...(input === undefined ? {} : { input }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** Like {@link exec}, but a code other than 0 is an error; returns standard output. */
  async mustExec(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
    const { input, timeoutMs } = options;
    return mustRun(this.entering(argv, options), {
      env: {},
      ...(input === undefined ? {} : { input }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** Starts a long-running command; killing the returned child kills the command too. Its three streams are pipes. */
  spawn(argv: readonly string[], options: Omit<ExecOptions, 'input' | 'timeoutMs'> = {}): ChildProcess {
    const [program = '', ...rest] = this.entering(argv, options);
    return spawn(program, rest, { env: {}, stdio: 'pipe' });
  }

  /** An interactive shell or command on this process's terminal; resolves with its code. */
  async attach(argv: readonly string[], options: ExecOptions = {}): Promise<number> {
    const [program = '', ...rest] = this.entering(argv, { ...options, env: { TERM: 'xterm', ...options.env } });
    const child = spawn(program, rest, { env: {}, stdio: 'inherit' });
    return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 137)));
  }

  /** A power cut and a boot: all processes die, disks and host keys stay, services return. Line settings are lost. */
  async reboot(): Promise<void> {
    await withFileLock(join(this.#state.dir, `${this.name}.lock`), async () => {
      await powerOff(this.#state, this.#plan);
      await bootMachine(this.#state, this.#plan);
      await makeReady(this, this.#plan);
    });
  }

  /** Pulls the network cable: packets vanish, connections stay open on both sides. */
  cutOff(): Promise<void> {
    return this.#inSwitch(['ip', 'link', 'set', `v-${this.name}`, 'down']);
  }

  reconnect(): Promise<void> {
    return this.#inSwitch(['ip', 'link', 'set', `v-${this.name}`, 'up']);
  }

  /** Limits the line to so many megabits a second, both ways; null takes the limit off. */
  async slow(mbit: number | null): Promise<void> {
    for (const device of [`v-${this.name}`, 'eth0']) {
      const change =
        mbit === null ? ['del', 'dev', device, 'root'] : ['replace', 'dev', device, 'root', ...bucket(mbit)];
      const argv = ['tc', 'qdisc', ...change];
      const result = device === 'eth0' ? await this.#inNetwork(argv) : await runCommand(this.#switchCommand(argv));
      if (result.code !== 0 && mbit !== null) throw new Error(`cannot slow ${this.name}: ${result.stderr}`);
    }
  }

  async readFile(path: string): Promise<string> {
    return this.mustExec(['cat', path]);
  }

  /** Writes as root, making missing folders; an existing file keeps its inode, so bind mounts see the change. */
  async writeFile(path: string, content: string | Buffer, mode?: number): Promise<void> {
    const chmod = mode === undefined ? ':' : `chmod ${mode.toString(8)} "$1"`;
    await this.mustExec(['sh', '-ec', `mkdir -p "$(dirname "$1")"; cat >"$1"; ${chmod}`, 'write', path], {
      input: content,
    });
  }

  /** The folder on the host that keeps the machine's console.log and disks. */
  get folder(): string {
    return machineFolder(this.#state, this.#plan);
  }

  /** The host's argv for a command inside, for who starts it himself: in the machine's cgroup, namespaces and user, dying with its caller. */
  entering(argv: readonly string[], options: ExecOptions = {}): readonly string[] {
    const user = options.user ?? 'root';
    const home = homeOf(user);
    const environment: Record<string, string> = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: home,
      USER: user,
      LOGNAME: user,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      ...options.env,
    };
    return [
      'sh',
      '-c',
      enterCgroupScript(cgroupName(this.#state.run, this.name)),
      'enter',
      'nsenter',
      '--target',
      String(this.#pid()),
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--cgroup',
      '--root',
      '--wd',
      'setpriv',
      `--reuid=${user}`,
      `--regid=${user}`,
      '--init-groups',
      '--pdeathsig=KILL',
      'env',
      '-i',
      `--chdir=${options.cwd ?? home}`,
      ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
      ...argv,
    ];
  }

  #pid(): number {
    const pid = machinePid(this.#state, this.#plan);
    if (pid === undefined) throw new Error(`${this.name} is off; lab.machine('${this.name}') powers it on`);
    return pid;
  }

  #inNetwork(argv: readonly string[]): Promise<CommandResult> {
    return runCommand(['nsenter', '--target', String(this.#pid()), '--net', ...argv]);
  }

  #switchCommand(argv: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.#state.switchPid), '--net', ...argv];
  }

  async #inSwitch(argv: readonly string[]): Promise<void> {
    await mustRun(this.#switchCommand(argv));
  }
}

function bucket(mbit: number): readonly string[] {
  return ['tbf', 'rate', `${mbit}mbit`, 'burst', '64kb', 'latency', '400ms'];
}
