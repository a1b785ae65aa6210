import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import type { SshTarget } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';

/** Where `ssh` finds its settings: another configuration file than the person's own, another environment. For tests and odd homes. */
export interface SshSettings {
  readonly configFile?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A target with every question answered that `~/.ssh/config` can answer. Paths are absolute; `jumps` are destinations, first hop first. */
export interface SshDestination {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** What known_hosts calls this server: the alias, the name, or `[name]:port` for another port than 22. */
  readonly hostKeyName: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the agent; undefined where there is none or the configuration says `none`. */
  readonly agent: string | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly jumps: readonly string[];
  readonly proxyCommand: string | undefined;
}

/** What a person typed after `ssh`, taken apart: `user@host`, `user@host:port`, `ssh://user@host:port`, `[v6]:port`. */
export interface Destination {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** Takes a destination apart. A leading `-` would be an option to `ssh` and is refused, as are blanks and control characters. */
export function parseDestination(destination: string): Destination {
  const text = destination.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const match =
    /^(?:(.+)@)?(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^@:[\]]+)|([0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*))(?::(\d{1,5}))?$/.exec(
      text,
    );
  const host = match?.[2] ?? match?.[3] ?? match?.[4];
  const user = match?.[1];
  const port = match?.[5] === undefined ? undefined : Number(match[5]);
  // eslint-disable-next-line no-control-regex
  const odd = /[\s\u0000-\u001f\u007f'"`$\\;&<>|(){}/]/;
  if (
    !host ||
    host.startsWith('-') ||
    odd.test(host) ||
    user?.startsWith('-') ||
    (user && odd.test(user)) ||
    port === 0
  ) {
    fail({
      code: 'destination-invalid',
      message: `"${destination}" is not a machine SSH can reach. Nothing was contacted.`,
      hint: 'Write it as after "ssh": a name of ~/.ssh/config, user@host, or user@host:port.',
    });
  }
  return { user, host, port };
}

/** The name known_hosts lists a server under. */
export function hostKeyName(hostname: string, port: number): string {
  return port === 22 ? hostname.toLowerCase() : `[${hostname.toLowerCase()}]:${port}`;
}

/** `ssh -G` output as a map from lower-case keyword to its values in order. */
export function parseSshSettings(output: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    const value = line.slice(space + 1).trim();
    const known = settings.get(key);
    if (known === undefined) settings.set(key, [value]);
    else known.push(value);
  }
  return settings;
}

/**
 * Answers every question about a target through `ssh -G`, which alone knows Include, Match and tokens; where no `ssh` is installed the
 * destination's own words and OpenSSH's usual files are all there is. The target's own port, key and jump win.
 */
export async function resolveSshTarget(target: SshTarget, settings: SshSettings = {}): Promise<SshDestination> {
  const typed = parseDestination(target.destination);
  const port = target.port ?? typed.port;
  const argv = [
    ...(settings.configFile === undefined ? [] : ['-F', settings.configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(target.identityFile === undefined ? [] : ['-i', target.identityFile]),
    ...(target.jump === undefined ? [] : ['-J', target.jump]),
    '-G',
    '--',
    typed.user === undefined ? typed.host : `${typed.user}@${typed.host}`,
  ];
  const env = settings.env ?? process.env;
  const output = await askSsh(argv, env, target.destination);
  return output === undefined ? plain(target, typed, env) : fromSettings(parseSshSettings(output), target, typed, env);
}

function askSsh(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  destination: string,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile('ssh', [...argv], { env, timeout: 15_000, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === 'ENOENT') return resolve(undefined);
      try {
        fail({
          code: 'ssh-config-invalid',
          message: `ssh could not make sense of "${destination}" with your ~/.ssh/config. Nothing was contacted.`,
          hint: 'Correct the line ssh names, or give the address as user@host.',
          detail: { ssh: stderr.trim() },
        });
      } catch (problem) {
        reject(problem);
      }
    });
  });
}

function fromSettings(
  settings: ReadonlyMap<string, readonly string[]>,
  target: SshTarget,
  typed: Destination,
  env: Readonly<Record<string, string | undefined>>,
): SshDestination {
  const one = (key: string) => settings.get(key)?.at(-1);
  const hostname = one('hostname') ?? typed.host;
  const port = Number(one('port') ?? 22);
  const user = one('user') ?? userInfo().username;
  const home = userInfo().homedir;
  const tokens: Record<string, string> = {
    d: home,
    h: hostname,
    n: typed.host,
    p: String(port),
    r: user,
    u: userInfo().username,
  };
  const expand = (path: string) =>
    path
      .replace(/^~(?=\/|$)/, home)
      .replace(/%([%dhnpru])/g, (_, token: string) => (token === '%' ? '%' : (tokens[token] ?? '')));
  // ssh leaves a key file out of its answer when the file is missing; it is kept here so that its absence can be told.
  const identityFiles = [
    ...(target.identityFile === undefined ? [] : [target.identityFile]),
    ...(settings.get('identityfile') ?? []),
  ];
  const proxyCommand = one('proxycommand');
  const jumps = one('proxyjump');
  return {
    hostname,
    port,
    user,
    hostKeyName: one('hostkeyalias')?.toLowerCase() ?? hostKeyName(hostname, port),
    identityFiles: [...new Set(identityFiles.map(expand))],
    identitiesOnly: one('identitiesonly') === 'yes',
    agent: agentSocket(one('identityagent'), env, expand),
    knownHostsFiles: ['userknownhostsfile', 'globalknownhostsfile']
      .flatMap((key) => (one(key) ?? '').split(' '))
      .filter((path) => path !== '' && path !== 'none' && path !== '/dev/null')
      .map(expand),
    jumps: jumps === undefined || jumps === 'none' ? [] : jumps.split(','),
    proxyCommand: proxyCommand === 'none' ? undefined : proxyCommand,
  };
}

function agentSocket(
  configured: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  expand: (path: string) => string,
): string | undefined {
  if (configured === 'none') return undefined;
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return env['SSH_AUTH_SOCK'] || undefined;
  return configured.startsWith('$')
    ? env[configured.slice(1).replace(/^\{|\}$/g, '')] || undefined
    : expand(configured);
}

function plain(
  target: SshTarget,
  typed: Destination,
  env: Readonly<Record<string, string | undefined>>,
): SshDestination {
  const port = target.port ?? typed.port ?? 22;
  const folder = `${homedir()}/.ssh`;
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(path));
  return {
    hostname: typed.host,
    port,
    user: typed.user ?? userInfo().username,
    hostKeyName: hostKeyName(typed.host, port),
    identityFiles:
      target.identityFile === undefined ? usual : [target.identityFile.replace(/^~(?=\/)/, homedir()), ...usual],
    identitiesOnly: false,
    agent: env['SSH_AUTH_SOCK'] || undefined,
    knownHostsFiles: [`${folder}/known_hosts`, '/etc/ssh/ssh_known_hosts'],
    jumps: target.jump === undefined ? [] : target.jump.split(','),
    proxyCommand: undefined,
  };
}
