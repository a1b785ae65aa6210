import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cgroupName, removeCgroups } from './cgroups.ts';
import { runCommand } from './command.ts';
import { canaryFile } from './host-guard.ts';

/**
 * Ends everything that belongs to the run in `dir` and removes its groups, disks and folders. Works from the run's
 * name alone, needs nothing that a killed run might have failed to write, and may be repeated.
 */
export async function tearDown(dir: string): Promise<void> {
  const run = basename(dir);
  const stuck = await removeCgroups(cgroupName(run, ''));
  if (stuck.length > 0) process.stderr.write(`lab: these cgroups would not go: ${stuck.join(' ')}\n`);
  for (const machine of await readdir(join(dir, 'machines')).catch(() => [])) {
    await detachDisk(join(dir, 'machines', machine, 'disk.img'));
  }
  for (const name of await readdir('/dev/shm')) {
    if (name.startsWith(cgroupName(run, ''))) await remove(join('/dev/shm', name));
  }
  await rm(canaryFile(run), { force: true });
  await remove(dir);
}

/** Mounted with autoclear, so normally the loop device has gone with its machine. */
async function detachDisk(image: string): Promise<void> {
  const { stdout } = await runCommand(['losetup', '--noheadings', '--output', 'NAME', '--associated', image]);
  for (const device of stdout.split('\n').filter(Boolean)) await runCommand(['losetup', '--detach', device.trim()]);
}

/** `rm` because it alone knows how to stay on one file system, should a mount ever be in the way. */
async function remove(folder: string): Promise<void> {
  await runCommand(['rm', '-rf', '--one-file-system', folder]);
}
