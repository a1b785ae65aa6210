import { carryOut } from '../../main/cache/prune-run.ts';
import { readInventory } from '../../main/cache/inventory.ts';
import { planPrune } from '../../main/cache/prune-plan.ts';
import { readSnapshot } from '../../main/cache/read-inventory.ts';
import { readFile } from 'node:fs/promises';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { Stage } from '../integration/provision-stage.ts';
import { registryBinary } from '../lab/artefacts.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';
import { ServerDisk } from './server-disk.ts';
import { madeUpStore, repositoryFolder, type StoredImage } from './store.ts';

const images = 1000;
const rounds = 3;
const base = '/srv/bench-prune';
const data = nodeLayout({ base }).blobStore.replace(/\/blobs$/, '');

/**
 * Half of a store's images go: by a prune over SSH, which finds out by itself what to take away, beside `registry garbage-collect
 * --delete-untagged` on the server, whose victims have lost their tags before the clock starts. Both leave the same blobs, or it is no figure.
 */
export async function measurePrune(lab: Lab): Promise<readonly Figure[]> {
  const stage = await Stage.open(lab, 'alpha', ['docker.io']);
  const { machine, host } = stage;
  const store = madeUpStore(images);
  const victims = store.images.filter((_, at) => at % 2 === 1);
  const disk = await ServerDisk.make(lab, machine, { folder: base, inodes: 400_000 });
  try {
    await machine.writeFile(`${base}/store.tar`, store.archive);
    await machine.writeFile('/usr/local/bin/bench-registry', await readFile(await registryBinary()), 0o755);
    await machine.writeFile(`${base}/registry.yml`, configuration);
    const ours: number[] = [];
    const other: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await lay(machine);
      await untag(machine, victims);
      const collect = ['bench-registry', 'garbage-collect', '--delete-untagged', '--quiet', `${base}/registry.yml`];
      other.push(await timed(() => machine.mustExec(collect, { env: { OTEL_TRACES_EXPORTER: 'none' } })));
      const left = await blobsLeft(machine);
      await lay(machine);
      ours.push(await timed(() => prune(stage, victims)));
      const kept = await blobsLeft(machine);
      if (kept.join() !== left.join())
        throw new Error(`the prune left ${kept.length} blobs, the garbage collection ${left.length} of ${store.blobs}`);
    }
    return [
      figure({
        name: `prune of ${victims.length} of ${images} images in ${store.blobs} blobs ÷ registry garbage-collect`,
        unit: 'ms',
        ours,
        other,
        goal: 0.5,
      }),
    ];
  } finally {
    await machine.mustExec(['rm', '-f', '/usr/local/bin/bench-registry']);
    await disk.remove();
    await host.close();
  }
}

const configuration = JSON.stringify({
  version: 0.1,
  log: { level: 'error' },
  storage: {
    filesystem: { rootdirectory: `${data}/docker.io` },
    delete: { enabled: true },
    maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } },
  },
  http: { addr: ':5999' },
});

/** The store as it was before anything went; its links are from 1970. */
async function lay(machine: Machine): Promise<void> {
  const script = `
    rm -rf ${data}; mkdir -p ${data}/docker.io/docker/registry/v2
    tar -xf ${base}/store.tar -C ${data}
    ln -s ../../../../blobs ${data}/docker.io/docker/registry/v2/blobs`;
  await machine.mustExec(['sh', '-ec', script], { timeoutMs: 120_000 });
}

/** What a person does before a garbage collection: the tags go, so that nothing names the images any more. */
async function untag(machine: Machine, victims: readonly StoredImage[]): Promise<void> {
  const places = victims.map(({ repository, tag }) => `${data}/${repositoryFolder(repository)}/_manifests/tags/${tag}`);
  await machine.mustExec(['xargs', 'rm', '-rf', '--'], { input: places.join('\n') });
}

async function prune(stage: Stage, victims: readonly StoredImage[]): Promise<void> {
  const spec = { ...stage.spec, base };
  const inventory = readInventory(await readSnapshot(stage.host, spec));
  const chosen = victims.map(({ repository, tag }) => `docker.io/${repository}:${tag}`);
  const plan = planPrune(inventory, { kind: 'images', images: chosen }, { graceSeconds: 0 });
  const silent = { stage: () => undefined, blobs: () => undefined };
  await carryOut(stage.host, spec, plan, inventory.snapshot.at, silent, new AbortController().signal);
}

async function blobsLeft(machine: Machine): Promise<string[]> {
  const found = await machine.mustExec(['find', `${data}/blobs`, '-name', 'data']);
  return found.trim().split('\n').toSorted();
}
