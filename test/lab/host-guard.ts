import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupName, processesIn } from './cgroups.ts';
import { runFolder } from './lab-state.ts';

/** What a machine that breaks out of its box would change first. */
const watchedSysctls = [
  ...'kernel/hostname kernel/domainname kernel/core_pattern kernel/pid_max kernel/panic kernel/printk'.split(' '),
  ...'vm/overcommit_memory vm/max_map_count fs/file-max fs/inotify/max_user_watches net/ipv4/ip_forward'.split(' '),
];

/** A file in the host's /tmp that a booting systemd or a careless test would delete if it saw that folder. */
export function canaryFile(run: string): string {
  return `/tmp/mirrorfleet-lab-canary-${run}`;
}

async function readSysctls(): Promise<string> {
  const lines = watchedSysctls.map(
    async (name) => `${name}=${(await readFile(`/proc/sys/${name}`, 'utf8').catch(() => '')).trim()}`,
  );
  return (await Promise.all(lines)).join('\n');
}

/** Takes the host's picture before a run and keeps it in the run's folder. */
export async function pictureHost(dir: string): Promise<void> {
  await writeFile(canaryFile(basename(dir)), 'put here by the test lab, which checks that it survives\n');
  await writeFile(join(dir, 'host-before'), await readSysctls());
}

/** What the run has changed on the host since {@link pictureHost}, a sentence each; empty is good. */
export async function changesOnHost(dir: string): Promise<readonly string[]> {
  const canary = canaryFile(basename(dir));
  const changes = existsSync(canary) ? [] : [`${canary} was deleted: a machine saw the host's /tmp`];
  const after = (await readSysctls()).split('\n');
  (await readFile(join(dir, 'host-before'), 'utf8')).split('\n').forEach((line, index) => {
    if (line !== after[index]) changes.push(`the host's ${line} became ${after[index]}`);
  });
  return changes;
}

/**
 * Everything of a run that is still on the host after `patience` milliseconds: processes, mounts, cgroups, loop
 * devices, folders. The patience is for killed processes that nobody has waited for yet.
 */
export async function findLeftovers(run: string, patience = 5_000): Promise<readonly string[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await lookForLeftovers(run);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(100);
  }
}

async function lookForLeftovers(run: string): Promise<readonly string[]> {
  const dir = runFolder(run);
  const prefix = cgroupName(run, '');
  const found = (await processesIn(prefix)).map((pid) => `process ${pid} in the run's cgroups`);
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [words, groups] = await Promise.all(
      ['cmdline', 'cgroup'].map((file) => readFile(join('/proc', pid, file), 'utf8').catch(() => '')),
    );
    const text = (words ?? '').replaceAll('\0', ' ');
    if (text.includes(`${dir}/`) || text.includes(`${dir} `) || groups?.includes(prefix))
      found.push(`process ${pid}: ${text.slice(0, 120)}`);
  }
  for (const line of (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')) {
    if (line.includes(`${dir}/`) || line.includes(prefix)) found.push(`mount ${line}`);
  }
  for (const parent of ['/sys/fs/cgroup', '/dev/shm']) {
    for (const name of await readdir(parent, { recursive: parent === '/dev/shm' }).catch(() => [])) {
      const inner = parent === '/dev/shm' ? [] : await readdir(join(parent, name)).catch(() => []);
      if (name.startsWith(prefix) || inner.some((child) => child.startsWith(prefix)))
        found.push(`${join(parent, name)} (${prefix}…)`);
    }
  }
  for (const device of await readdir('/sys/block').catch(() => [])) {
    const file = await readFile(join('/sys/block', device, 'loop/backing_file'), 'utf8').catch(() => '');
    if (file.startsWith(`${dir}/`)) found.push(`loop device ${device} of ${file.trim()}`);
  }
  if (existsSync(dir)) found.push(`folder ${dir}`);
  return found;
}
