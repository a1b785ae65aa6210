import { existsSync } from 'node:fs';
import { readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageName } from '../../main/cache/image-name.ts';
import { addPins, removePins } from '../../main/cache/pin-file.ts';
import { cacheBytes, listCache, previewPrune, runPrune } from '../../main/cache/node-cache.ts';
import { pruneOrder } from '../../main/cache/prune-order.ts';
import { planPrune } from '../../main/cache/prune-plan.ts';
import { pruneScript } from '../../main/cache/prune-script.ts';
import { readInventory } from '../../main/cache/inventory.ts';
import { readSnapshot } from '../../main/cache/read-inventory.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { localHost } from '../../main/hosts/local-host.ts';
import { Tasks } from '../../main/tasks/tasks.ts';
import type { PrunePolicy } from '../../preload/contract/cache.ts';
import type { Task } from '../../preload/contract/task.ts';
import { CacheStand, layerOf } from './cache-stand.ts';

const host = localHost();
const now = { graceSeconds: 0 };
const docker = 'mirror docker.io';
const github = 'mirror ghcr.io';
let stand: CacheStand;

async function prune(policy: PrunePolicy, rules: { graceSeconds?: number } = now): Promise<Task> {
  const tasks = new Tasks(() => {});
  return tasks.run({ kind: 'prune', subject: 'tokyo', title: 'Prune tokyo' }, async (context) => {
    await runPrune(host, stand.spec, policy, context, rules);
  });
}

const names = async (): Promise<string[]> =>
  (await listCache(host, stand.spec)).images.map(imageName).toSorted((a, b) => a.localeCompare(b));

/** Disk space of every blob file, asked of the file system one by one. */
async function measured(): Promise<number> {
  const root = join(stand.base, 'data/blobs');
  let bytes = 0;
  for (const each of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (each.name === 'data') bytes += (await stat(join(each.parentPath, each.name))).blocks * 512;
  }
  return bytes;
}

const shared = layerOf(300_000);
const onlyFirst = layerOf(200_000);
const onlySecond = layerOf(100_000);
let first: string;

beforeAll(async () => {
  stand = await CacheStand.start(['docker.io', 'ghcr.io']);
  first = await stand.push('docker.io', 'library/first', '1', [[shared, onlyFirst], [layerOf(50_000)]]);
  await stand.push('docker.io', 'library/second', '1', [[shared, onlySecond]]);
  await stand.push('ghcr.io', 'team/second', '1', [[shared, onlySecond]]);
});
afterAll(async () => {
  await stand.close();
});
beforeEach(async () => {
  await prune({ kind: 'all' });
  expect(await names()).toEqual([]);
});

describe('the cache of a node', () => {
  it('lists images of all upstreams with their sizes, counting what they share once', async () => {
    expect(await stand.fill('docker.io', 'library/first', '1')).toMatchObject({ status: 200, at: 'done' });
    await stand.fill('docker.io', 'library/second', '1');
    await stand.fill('ghcr.io', 'team/second', '1');
    const list = await listCache(host, stand.spec);
    expect(list.images.map(imageName).toSorted()).toEqual([
      'docker.io/library/first:1',
      'docker.io/library/second:1',
      'ghcr.io/team/second:1',
    ]);
    const size = (name: string) => list.images.find((image) => imageName(image) === name);
    const rounded = (bytes: number) => Math.ceil(bytes / 4096) * 4096;
    const small = 4096;
    // An index, a manifest and a configuration, each in a block of its own.
    expect(size('docker.io/library/first:1')).toMatchObject({
      digest: first,
      bytes: rounded(shared.length) + rounded(onlyFirst.length) + 3 * small,
      exclusiveBytes: rounded(onlyFirst.length) + 3 * small,
    });
    expect(size('ghcr.io/team/second:1')).toMatchObject({
      bytes: rounded(shared.length) + rounded(onlySecond.length) + 2 * small,
      exclusiveBytes: 0,
    });
    expect(list.bytes).toBe(await measured());
    expect(list.blobs).toBe(8);
    expect(await cacheBytes(host, stand.spec)).toEqual({ bytes: list.bytes, exact: true });
  });

  it('lists what was pulled by digest only under its digest, and its platforms not at all', async () => {
    await stand.fill('docker.io', 'library/first', first);
    expect(await names()).toEqual([`docker.io/library/first@${first}`]);
    expect(await prune({ kind: 'images', images: [`first@${first}`] })).toMatchObject({ outcome: { images: 1 } });
    expect(await measured()).toBe(0);
  });

  it('prunes one of two images that share a layer and leaves the other whole, its upstream down', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await stand.fill('ghcr.io', 'team/second', '1');
    const before = await measured();
    const policy = { kind: 'images' as const, images: ['docker.io/library/first:1'] };
    const preview = await previewPrune(host, stand.spec, policy, now);
    const task = await prune(policy);
    expect(task).toMatchObject({
      state: 'done',
      outcome: { images: 1, blobs: preview.blobs, freedBytes: preview.freedBytes },
    });
    expect(before - (await measured())).toBe(preview.freedBytes);
    await stand.stop('upstream ghcr.io');
    await stand.stop('upstream docker.io');
    try {
      expect(await stand.pull(github, 'team/second', '1')).toEqual({ status: 200, at: 'done', digestsRight: true });
      expect(await stand.pull('twin', 'ghcr.io/team/second', '1')).toMatchObject({ status: 200, at: 'done' });
      // Gone as a whole: no manifest that would lead into missing layers.
      expect(await stand.pull(docker, 'library/first', '1')).toMatchObject({ status: 404, at: 'manifest' });
      expect(await stand.pull('twin', 'docker.io/library/first', '1')).toMatchObject({ status: 404, at: 'manifest' });
    } finally {
      await stand.startUpstream('ghcr.io');
      await stand.startUpstream('docker.io');
    }
  });

  it('prunes everything, leaves no folder of an image behind, and heals by the next pull', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await stand.fill('ghcr.io', 'team/second', '1');
    expect(await prune({ kind: 'all' })).toMatchObject({ state: 'done', outcome: { images: 2 } });
    expect(await measured()).toBe(0);
    expect(await readdir(join(stand.base, 'data/docker.io/docker/registry/v2/repositories'))).toEqual([]);
    expect(await stand.fill('docker.io', 'library/first', '1')).toEqual({
      status: 200,
      at: 'done',
      digestsRight: true,
    });
    expect(await stand.fill('ghcr.io', 'team/second', '1')).toEqual({ status: 200, at: 'done', digestsRight: true });
    expect(await names()).toEqual(['docker.io/library/first:1', 'ghcr.io/team/second:1']);
  });

  it('keeps what was used within the grace and what is pinned, and says so', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    const preview = await previewPrune(host, stand.spec, { kind: 'all' });
    expect(preview).toMatchObject({
      victims: [],
      freedBytes: 0,
      kept: [{ code: 'image-used-within-hour', values: { image: 'docker.io/library/first:1' } }],
    });
    expect(await prune({ kind: 'all' }, {})).toMatchObject({ outcome: { freedBytes: 0 } });
    expect(await addPins(host, stand.spec, ['first:1'])).toEqual(['docker.io/library/first:1']);
    try {
      expect(await listCache(host, stand.spec)).toMatchObject({ images: [{ tag: '1', pinned: true }] });
      await prune({ kind: 'all' });
      expect(await names()).toEqual(['docker.io/library/first:1']);
    } finally {
      expect(await removePins(host, stand.spec, ['docker.io/library/first:1'])).toEqual([]);
    }
  });

  it('names the platforms that are stored, from the index or from the configuration', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await stand.fill('ghcr.io', 'team/second', '1');
    // Of first's two platforms only the one that was pulled; second has no index, so its configuration was asked.
    expect((await listCache(host, stand.spec)).images.map((image) => [image.repository, image.platforms])).toEqual(
      expect.arrayContaining([
        ['library/first', ['linux/cpu0']],
        ['team/second', ['linux/cpu0']],
      ]),
    );
  });

  it('removes nothing while the file of pins says what cannot be understood, and names the line', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await writeFile(nodeLayout(stand.spec).pinsFile, '# ours\nplease keep nginx\n');
    try {
      const task = await prune({ kind: 'all' });
      expect(task).toMatchObject({ state: 'failed', problem: { code: 'pins-unclear' } });
      expect(task.problem?.message).toContain('line 2');
      expect(await names()).toEqual(['docker.io/library/first:1']);
    } finally {
      await rm(nodeLayout(stand.spec).pinsFile);
    }
  });

  it('removes nothing when a pin was set after the decision', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    const snapshot = await readSnapshot(host, stand.spec);
    const order = pruneOrder(planPrune(readInventory(snapshot), { kind: 'all' }, now), snapshot.at);
    await addPins(host, stand.spec, ['first']);
    try {
      const result = await host.run({ argv: ['sh', '-c', pruneScript, 'sh', stand.base], input: order });
      expect(result.code).toBe(16);
      expect(await names()).toEqual(['docker.io/library/first:1']);
      await expect(removePins(host, stand.spec, ['second'])).rejects.toMatchObject({ problem: { code: 'not-pinned' } });
    } finally {
      await rm(nodeLayout(stand.spec).pinsFile);
    }
  });

  it('takes the least recently pulled image first when it prunes to a size', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await stand.fill('ghcr.io', 'team/second', '1');
    await age('docker.io', 'library/first', '1', 3 * 86400);
    const task = await prune({ kind: 'to-size', bytes: (await measured()) - 1 });
    expect(task.outcome).toMatchObject({ images: 1 });
    expect(await names()).toEqual(['ghcr.io/team/second:1']);
  });

  it('knows from the tag when an image was pulled last, and pulling renews it', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    await age('docker.io', 'library/first', '1', 3 * 86400);
    const lastUse = async () => (await listCache(host, stand.spec)).images[0]?.lastUse ?? 0;
    expect(Date.now() - (await lastUse())).toBeGreaterThan(2 * 86400_000);
    expect((await previewPrune(host, stand.spec, { kind: 'older-than', seconds: 86400 }, now)).victims).toHaveLength(1);
    await stand.fill('docker.io', 'library/first', '1');
    expect(Date.now() - (await lastUse())).toBeLessThan(60_000);
    expect((await previewPrune(host, stand.spec, { kind: 'older-than', seconds: 86400 }, now)).victims).toEqual([]);
  });

  it('does not make images look used by counting them', async () => {
    await stand.fill('docker.io', 'library/first', first);
    await age('docker.io', 'library/first', first, 3 * 86400);
    const lastUse = async () => (await listCache(host, stand.spec)).images.map((image) => image.lastUse);
    const before = await lastUse();
    expect(Date.now() - (before[0] ?? 0)).toBeGreaterThan(2 * 86400_000);
    expect(await lastUse()).toEqual(before);
    await stand.pull('twin', 'docker.io/library/first', first);
    expect(Date.now() - ((await lastUse())[0] ?? 0)).toBeLessThan(60_000);
  });

  it('finds and removes what an interrupted prune left', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    const tags = join(stand.base, 'data/docker.io/docker/registry/v2/repositories/library/first/_manifests');
    await rm(join(tags, 'tags/1/current/link'));
    await rm(join(tags, 'revisions'), { recursive: true });
    expect(await names()).toEqual([]);
    expect(await prune({ kind: 'all' })).toMatchObject({ outcome: { images: 0, blobs: 5 } });
    expect(await measured()).toBe(0);
    expect(existsSync(tags)).toBe(false);
  });

  it('refuses while a registry keeps descriptors in memory, naming the file, and removes nothing', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    const file = join(stand.base, 'registry/ghcr.io.yml');
    const right = await readFile(file);
    await writeFile(file, 'storage:\n  cache:\n    blobdescriptor: inmemory\n');
    try {
      const task = await prune({ kind: 'all' });
      expect(task).toMatchObject({
        state: 'failed',
        problem: { code: 'registry-cache-enabled', detail: { files: 'ghcr.io.yml' } },
      });
      expect(await names()).toEqual(['docker.io/library/first:1']);
    } finally {
      await writeFile(file, right);
    }
  });

  it('is refused while another prune or an apply holds the node', async () => {
    await stand.fill('docker.io', 'library/first', '1');
    const holding = host.run({
      argv: ['flock', join(stand.base, 'data'), 'sh', '-c', 'echo held; cat'],
      input: heldUntil(),
    });
    await held.promise;
    expect(await prune({ kind: 'all' })).toMatchObject({
      state: 'failed',
      problem: { code: 'node-busy', retryable: true },
    });
    release.resolve();
    await holding;
    await writeFile(join(stand.base, 'lock'), '{}');
    expect(await prune({ kind: 'all' })).toMatchObject({ state: 'failed', problem: { code: 'node-busy' } });
    await rm(join(stand.base, 'lock'));
    expect(await names()).toEqual(['docker.io/library/first:1']);
  });
});

const held = Promise.withResolvers<void>();
const release = Promise.withResolvers<void>();
async function* heldUntil(): AsyncGenerator<Uint8Array> {
  held.resolve();
  await release.promise;
  yield Buffer.from('released\n');
}

/** Makes an image look unused for so many seconds, named by tag or digest. */
async function age(upstream: string, repository: string, reference: string, seconds: number): Promise<void> {
  const at = Date.now() / 1000 - seconds;
  const manifests = join(stand.base, `data/${upstream}/docker/registry/v2/repositories`, repository, '_manifests');
  const link = reference.startsWith('sha256:')
    ? join(manifests, 'revisions/sha256', reference.slice('sha256:'.length), 'link')
    : join(manifests, `tags/${reference}/current/link`);
  const hex = (await readFile(link, 'utf8')).slice('sha256:'.length);
  await utimes(link, at, at);
  await utimes(join(stand.base, `data/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`), at, at);
}
