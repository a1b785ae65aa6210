import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const top = '/sys/fs/cgroup';
const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'unified'];

/** 2 where the host has only the unified hierarchy; 1 where controllers have their own (the unified one may exist beside them). */
export const cgroupVersion: 1 | 2 = existsSync(join(top, 'cgroup.controllers')) ? 2 : 1;

function hierarchies(): readonly string[] {
  if (cgroupVersion === 2) return [top];
  return controllers.map((name) => join(top, name)).filter((folder) => existsSync(folder));
}

/** All cgroups of a run start with this word; it is how a dead run's processes are found. */
export function cgroupName(run: string, part: string): string {
  return `mfl-${run}-${part}`;
}

/** Makes the group in every hierarchy, optionally with a limit on memory, and returns its folders. */
export async function makeCgroup(name: string, memoryBytes?: number): Promise<readonly string[]> {
  const folders = hierarchies().map((hierarchy) => join(hierarchy, name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const cpuset = join(top, 'cpuset');
  if (existsSync(join(cpuset, name, 'cpuset.cpus'))) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      await writeFile(join(cpuset, name, file), await readFile(join(cpuset, file)));
    }
  }
  if (memoryBytes !== undefined) {
    const [folder, file] = cgroupVersion === 2 ? [top, 'memory.max'] : [join(top, 'memory'), 'memory.limit_in_bytes'];
    await writeFile(join(folder, name, file), String(memoryBytes));
  }
  return folders;
}

/** A shell command line that moves the shell into the group and then becomes the program given as its arguments. */
export function enterCgroupScript(name: string): string {
  const files = hierarchies().map((hierarchy) => join(hierarchy, name, 'cgroup.procs'));
  return `for f in ${files.join(' ')}; do echo 0 >"$f"; done 2>/dev/null; exec "$@"`;
}

/** Moves this process to the top groups, so that the removal of some run's groups does not end it. */
export async function leaveCgroups(): Promise<void> {
  for (const hierarchy of hierarchies()) await writeFile(join(hierarchy, 'cgroup.procs'), String(process.pid));
}

async function tree(folder: string): Promise<readonly string[]> {
  const children = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(children.filter((c) => c.isDirectory()).map((c) => tree(join(folder, c.name))));
  return [...below.flat(), folder];
}

/** The run's groups in all hierarchies, children before parents. */
async function groupsOf(prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const hierarchy of hierarchies()) {
    for (const name of await readdir(hierarchy)) {
      if (name.startsWith(prefix)) found.push(...(await tree(join(hierarchy, name))));
    }
  }
  return found;
}

/** Pids of all processes in groups whose name starts with `prefix`. */
export async function processesIn(prefix: string): Promise<readonly number[]> {
  const lists = (await groupsOf(prefix)).map((group) => readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => ''));
  const pids = (await Promise.all(lists)).join('\n').split('\n').filter(Boolean).map(Number);
  return [...new Set(pids)].filter((pid) => pid > 0);
}

/** Kills what still runs in the groups and removes them; returns what would not go within the time (ms). */
export async function removeCgroups(prefix: string, patience = 10_000): Promise<readonly string[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    for (const pid of await processesIn(prefix)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended by itself
      }
    }
    const groups = await groupsOf(prefix);
    for (const group of groups) await rmdir(group).catch(() => undefined);
    const left = await groupsOf(prefix);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}
