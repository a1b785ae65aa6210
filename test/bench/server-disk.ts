import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, runCommand } from '../lab/command.ts';
import type { Lab, Machine } from '../lab/lab.ts';

/**
 * A disk of a server's own at a folder of it: ext4 in a file, without a journal, so that a million files are laid in a minute and gone at
 * once. It needs no tidying up: the file has no name any more, and the last one who lets go of the disk ends it.
 */
export class ServerDisk {
  readonly folder: string;
  readonly #machine: Machine;
  readonly #device: string;

  private constructor(machine: Machine, device: string, folder: string) {
    this.#machine = machine;
    this.#device = device;
    this.folder = folder;
  }

  /** A fresh disk with room for so many files and folders, filled by `fill` through a folder of this computer. */
  static async make(
    lab: Lab,
    machine: Machine,
    { folder, inodes, fill }: { folder: string; inodes: number; fill?: (folder: string) => Promise<void> },
  ): Promise<ServerDisk> {
    const image = join(lab.dir, 'bench-disk.img');
    const here = join(lab.dir, 'bench-disk');
    await mustRun(['truncate', '-s', '12G', image]);
    const quick = 'lazy_itable_init=1,nodiscard';
    await mustRun(['mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal', '-E', quick, '-N', `${inodes}`, image]);
    const device = (await mustRun(['losetup', '--find', '--show', image])).trim();
    try {
      await rm(image);
      if (fill !== undefined) {
        await mustRun(['mkdir', '-p', here]);
        await mustRun(['mount', device, here]);
        await fill(here);
        await mustRun(['umount', here]);
      }
      const mount = 'mkdir -p "$2"; [ -b "$1" ] || mknod "$1" b 7 "$3"; mount "$1" "$2"';
      await machine.mustExec(['sh', '-ec', mount, 'sh', device, folder, device.replace(/\D/g, '')]);
    } finally {
      // While it is mounted this only marks it: it goes with its last mount.
      await runCommand(['losetup', '--detach', device]);
    }
    return new ServerDisk(machine, device, folder);
  }

  async remove(): Promise<void> {
    const script = 'umount "$2"; rm -f "$1"; rmdir "$2"';
    await this.#machine.mustExec(['sh', '-ec', script, 'sh', this.#device, this.folder]);
  }
}
