import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Problem } from '../../preload/contract/problem.ts';
import type { RuntimeView } from '../../preload/contract/runtime.ts';
import { inAnotherNamespace } from './docker-place.ts';

export const configFile = '/etc/containerd/config.toml';
const socket = '/run/containerd/containerd.sock';
/** Milliseconds that lie between the reading of the file and the socket at most; one restart too many does no harm. */
const startMs = 1000;
const programs = ['/usr/bin/containerd', '/usr/local/bin/containerd'];

/** What was found of the system's containerd, without asking its socket, which is root's. */
export interface ContainerdFound {
  readonly state: RuntimeView['state'];
  readonly version?: string;
  /** The configuration of a running one that is not the usual file. */
  readonly elsewhere?: string;
  /** How it can be restarted here; undefined where no way is known. */
  readonly restartable: boolean;
}

/** The configuration file in a containerd's arguments. Pure. */
export function configOf(argv: readonly string[]): string {
  const found = argv.flatMap((each, at) => {
    if (each === '--config' || each === '-c') return argv[at + 1] ?? [];
    return /^(?:--config|-c)=/.test(each) ? each.slice(each.indexOf('=') + 1) : [];
  })[0];
  return found ?? configFile;
}

/** Looks for the program, its version and the running process. Docker's private containerd (it has a configuration of its own) is none. */
export async function findContainerd(): Promise<ContainerdFound> {
  const program = programs.find((each) => existsSync(each));
  const configs = await runningConfigs();
  const restartable = existsSync('/run/systemd/system') || existsSync('/etc/init.d/containerd');
  if (program === undefined) return { state: 'absent', restartable };
  const version = await versionOf(program);
  const known = { restartable, ...(version === undefined ? {} : { version }) };
  if (configs.includes(configFile)) return { state: 'found', ...known };
  const other = configs.find((each) => !/\/docker\/containerd\//.test(each));
  return other === undefined ? { state: 'stopped', ...known } : { state: 'found', elsewhere: other, ...known };
}

/** Why this containerd cannot be switched, undefined where it can. Pure. */
export function containerdProblem({ state, version, elsewhere }: ContainerdFound): Problem | undefined {
  const problem = (code: string, message: string, hint: string, retryable = false): Problem => ({
    code,
    message: `${message} Nothing was changed.`,
    hint,
    retryable,
  });
  if (state === 'absent')
    return problem(
      'containerd-absent',
      'There is no containerd on this computer.',
      'Install containerd, then try again.',
    );
  if (state === 'stopped')
    return problem(
      'containerd-stopped',
      'containerd is installed but no containerd of its own runs (Docker may have a private one).',
      'Start it, then try again.',
      true,
    );
  if (elsewhere !== undefined)
    return problem(
      'containerd-config-elsewhere',
      `containerd reads ${elsewhere}, which is not written yet.`,
      `Use ${configFile} for now.`,
    );
  if (!/^1\.[67]\./.test(version ?? ''))
    return problem(
      'containerd-version-not-yet',
      `containerd ${version ?? 'of an unknown version'} keeps its settings in another form than 1.6 and 1.7; it is not switched yet.`,
      'Choose another engine for now.',
    );
  return undefined;
}

/**
 * Whether systemd would restart Docker together with containerd: units of Docker before 20.10 are bound to it (`BindsTo`), and then
 * containers stop. Debian's and Docker's own units only want it.
 */
export async function dockerFollowsRestart(): Promise<boolean> {
  if (!existsSync('/run/systemd/system')) return false;
  try {
    const show = ['show', '--property=BindsTo,Requires,PartOf', 'docker.service'];
    const { stdout } = await promisify(execFile)('systemctl', show, { timeout: 10_000 });
    return boundToContainerd(stdout);
  } catch {
    return false;
  }
}

/** Reads what `systemctl show` says of Docker's unit. Pure. */
export function boundToContainerd(said: string): boolean {
  return /^(?:BindsTo|Requires|PartOf)=.*\bcontainerd\.service\b/m.test(said);
}

/**
 * Whether config.toml may have changed since the running containerd read it: it makes its socket anew a moment after. Where that cannot be
 * seen it may have.
 */
export async function configUnread(): Promise<boolean> {
  const [file, started] = await Promise.all([
    stat(configFile).then(
      ({ ctimeMs }) => ctimeMs,
      () => Date.now(),
    ),
    stat(socket).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  ]);
  return file > started - startMs;
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 10_000 });
    return /\bv?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Configuration files of every containerd that runs in this process's namespace, from /proc (readable by everyone). */
async function runningConfigs(): Promise<string[]> {
  const configs: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const comm = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (comm.trim() !== 'containerd' || (await inAnotherNamespace(pid))) continue;
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1);
    if (argv.length > 0) configs.push(configOf(argv));
  }
  return configs;
}
