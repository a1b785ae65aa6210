import { setTimeout as pause } from 'node:timers/promises';
import { hostKeyOf } from '../e2e/product.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure } from './figure.ts';
import { withRunningCore } from './running-core.ts';
import { giveNames, openProduct } from './serving-node.ts';

const nodes = 20;
/** Six that the lab's internet has, and two whose registries nobody reaches. */
const upstreams =
  'docker.io,ghcr.io,quay.io,gcr.io,registry.k8s.io,mcr.microsoft.com,public.ecr.aws,registry.gitlab.com';
const seconds = 60;

/** What the core alone costs while it watches 20 nodes of 8 mirrors and nobody asks it anything; the nodes are one server under twenty names. */
export async function measureWatching(lab: Lab): Promise<readonly Figure[]> {
  const { product, server } = await openProduct(lab, 'bench-watching');
  const key = await hostKeyOf(server);
  try {
    await product.must(['node', 'add', 'node', `root@${server.ip}`, '--upstream', upstreams, '--accept-host-key', key]);
    await product.must(['node', 'apply', 'node', '--yes']);
    await giveNames(product, 'node', nodes);
    return await withRunningCore(product, async (pid) => {
      await settled(product.laptop, pid);
      const before = await consumed(product.laptop, pid);
      await pause(seconds * 1000);
      const after = await consumed(product.laptop, pid);
      const percent = (after.ticks - before.ticks) / seconds;
      const what = `the core alone, watching ${nodes} nodes of 8 mirrors`;
      return [
        figure({ name: `${what}: processor`, unit: '% of a processor', ours: [percent], goal: 1 }),
        figure({ name: `${what}: memory (PSS)`, unit: 'MB', ours: [after.pss], goal: 120 }),
        figure({ name: `${what}: memory (RSS)`, unit: 'MB', ours: [after.rss] }),
      ];
    });
  } finally {
    await product.run(['node', 'remove', 'node', '--yes']);
  }
}

/** Waits until the first round of all nodes is over: five seconds with less than a twentieth of a processor, or a minute at most. */
async function settled(laptop: Machine, pid: string): Promise<void> {
  for (let look = 0; look < 12; look += 1) {
    const before = await consumed(laptop, pid);
    await pause(5000);
    if ((await consumed(laptop, pid)).ticks - before.ticks < 25) return;
  }
}

/** Processor time in hundredths of a second, memory in MB. */
async function consumed(laptop: Machine, pid: string): Promise<{ ticks: number; pss: number; rss: number }> {
  const seconds = 'sed "s/.*) //" "/proc/$1/stat"; grep -E "^(Pss|Rss):" "/proc/$1/smaps_rollup"';
  const said = await laptop.mustExec(['sh', '-c', seconds, 'sh', pid]);
  const words = said.split('\n')[0]?.split(' ') ?? [];
  const megabytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(said)?.[1]) / 1024;
  return { ticks: Number(words[11]) + Number(words[12]), pss: megabytes('Pss'), rss: megabytes('Rss') };
}
