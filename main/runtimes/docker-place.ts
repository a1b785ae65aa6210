import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The engine the docker command would talk to, as a URL, and the word that decided. */
export interface DockerPlace {
  readonly host: string;
  readonly from: 'DOCKER_HOST' | 'context' | 'default';
}

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });
const defaultHost = 'unix:///var/run/docker.sock';

/** As the docker command decides: `DOCKER_HOST`, else `DOCKER_CONTEXT`, else the configuration's current context, else the usual socket. */
export async function dockerPlace(environment: NodeJS.ProcessEnv, home: string): Promise<DockerPlace> {
  const host = environment['DOCKER_HOST'];
  if (host !== undefined && host !== '') return { host, from: 'DOCKER_HOST' };
  const folder = environment['DOCKER_CONFIG'] ?? join(home, '.docker');
  const context = environment['DOCKER_CONTEXT'] ?? (await currentContext(folder));
  if (context === undefined || context === '' || context === 'default') return { host: defaultHost, from: 'default' };
  const id = createHash('sha256').update(context).digest('hex');
  const meta = contextSchema.parse(JSON.parse(await readFile(join(folder, 'contexts/meta', id, 'meta.json'), 'utf8')));
  return { host: meta.Endpoints.docker.Host, from: 'context' };
}

async function currentContext(folder: string): Promise<string | undefined> {
  try {
    return configSchema.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).currentContext;
  } catch {
    return undefined;
  }
}

/** What dockerd was started with, as far as it matters to its configuration file. */
export interface DockerdFlags {
  readonly configFile: string;
  /** True where mirrors are given as flags: the same key in the file would keep the daemon from starting. */
  readonly mirrorsByFlag: boolean;
}

/** Reads dockerd's arguments. Pure. */
export function dockerdFlags(argv: readonly string[]): DockerdFlags {
  const configFile = argv.flatMap((each, at) => {
    if (each === '--config-file') return argv[at + 1] ?? [];
    return each.startsWith('--config-file=') ? each.slice('--config-file='.length) : [];
  })[0];
  return {
    configFile: configFile ?? '/etc/docker/daemon.json',
    mirrorsByFlag: argv.some((each) => /^--registry-mirror(=|$)/.test(each)),
  };
}

/** The running dockerd's flags, from /proc (readable by everyone); undefined where none is seen. */
export async function runningDockerd(): Promise<DockerdFlags | undefined> {
  const pid = await readFile('/var/run/docker.pid', 'utf8').catch(() => '');
  const others = await readdir('/proc').catch(() => []);
  for (const each of [pid.trim(), ...others].filter((name) => /^\d+$/.test(name))) {
    const comm = await readFile(`/proc/${each}/comm`, 'utf8').catch(() => '');
    if (comm.trim() !== 'dockerd' || (await inAnotherNamespace(each))) continue;
    const argv = (await readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1);
    if (argv.length > 0) return dockerdFlags(argv);
  }
  return undefined;
}

/** Whether a process is visibly in another PID namespace (a dockerd inside a container); one of root's cannot be asked. */
export async function inAnotherNamespace(pid: string): Promise<boolean> {
  const own = await readlink('/proc/self/ns/pid').catch(() => '');
  const its = await readlink(`/proc/${pid}/ns/pid`).catch(() => own);
  return own !== its;
}
