import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { mustRun } from '../lab/command.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';
import { madeUpStore } from './store.ts';
import { ServerDisk } from './server-disk.ts';
import { coreFlags } from './installed.ts';

const blobs = 1_000_000;
/** Images among them, with manifests to be read and links to be followed. */
const images = 1000;
const rounds = 3;
const folder = '/srv/bench-inventory';

const listedSchema = z.object({ ms: z.number(), blobs: z.number(), images: z.number(), peakMb: z.number() });

/**
 * The inventory of a million blobs by the product's own script over SSH and its parser, in a core's process of its own, beside a bare
 * `find` on the server over the same tree.
 */
export async function measureInventory(lab: Lab): Promise<readonly Figure[]> {
  const alpha = await lab.machine('alpha');
  const store = madeUpStore(images);
  const layMs: number[] = [];
  const disk = await ServerDisk.make(lab, alpha, {
    folder,
    inodes: 2 * blobs + 200_000,
    fill: async (here) => {
      const data = join(here, 'data');
      await mustRun(['mkdir', '-p', join(here, 'registry'), data]);
      await writeFile(join(here, 'store.tar'), store.archive);
      await mustRun(['tar', '-xf', join(here, 'store.tar'), '-C', data]);
      const lay = [process.execPath, join(import.meta.dirname, 'lay-blobs.ts'), join(data, 'blobs/sha256')];
      layMs.push(await timed(() => mustRun([...lay, `${blobs - store.blobs}`])));
    },
  });
  try {
    const walks: Record<'find' | 'stat' | 'ours' | 'memory', number[]> = { find: [], stat: [], ours: [], memory: [] };
    for (let round = 0; round < rounds; round += 1) {
      walks.find.push(await timed(() => walk(alpha, [])));
      walks.stat.push(await timed(() => walk(alpha, ['-type', 'f', '-printf', '%s %b %A@ %C@ %p\\n'])));
      const listed = await list(lab);
      if (listed.blobs !== blobs) throw new Error(`${listed.blobs} of ${blobs} blobs were listed`);
      walks.ours.push(listed.ms);
      walks.memory.push(listed.peakMb);
    }
    const what = `inventory of ${blobs} blobs`;
    return [
      figure({ name: `${what} over SSH ÷ bare find`, unit: 'ms', ours: walks.ours, other: walks.find, goal: 1.2 }),
      figure({
        name: `${what} over SSH ÷ find that prints what an inventory needs`,
        unit: 'ms',
        ours: walks.ours,
        other: walks.stat,
      }),
      figure({ name: `${what}: memory it takes in the core`, unit: 'MB', ours: walks.memory, goal: 150 }),
    ];
  } finally {
    await disk.remove();
  }
}

/** `find` over the whole tree; what it prints is thrown away by a reader, for with /dev/null it would be nobody's work. */
const walk = (machine: Machine, tests: readonly string[]): Promise<string> =>
  machine.mustExec(['sh', '-c', 'cd "$1"; shift; find data "$@" | cat >/dev/null', 'sh', folder, ...tests], {
    timeoutMs: 300_000,
  });

/** The listing by a core's process. */
async function list(lab: Lab): Promise<z.infer<typeof listedSchema>> {
  const program = join(import.meta.dirname, 'inventory-core.ts');
  const child = spawn(process.execPath, [...coreFlags, program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${String(code)} in lab ${lab.run}`);
  return listedSchema.parse(JSON.parse(said));
}
