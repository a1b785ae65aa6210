import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheSnapshot } from '../../../main/cache/cache-snapshot.ts';
import {
  type ImageFound,
  cacheList,
  indexedPlatforms,
  readInventory,
  unsaidConfigs,
} from '../../../main/cache/inventory.ts';
import { type PrunePlan, planPrune } from '../../../main/cache/prune-plan.ts';
import { say } from '../../../main/terminal/sayings.ts';
import type { PrunePolicy } from '../../../preload/contract/cache.ts';
import { type ModelImage, hexOf, layerHex, modelCache, noon, snapshotOf } from './cache-model.ts';

const image = (name: string, layers: number[], age: number, storage = 'docker.io'): ModelImage => {
  const [repository = '', tag] = name.split(':');
  return { storage, repository, tag, platforms: [layers], age };
};
const day = 86_400;

/** The snapshot a server would show after a plan was carried out, by the rules of the file system alone. */
function carriedOut(snapshot: CacheSnapshot, plan: PrunePlan): CacheSnapshot {
  const gone = (list: PrunePlan['tags'], storage: string, repository: string, name: string): boolean =>
    list.some((each) => each.storage === storage && each.repository === repository && each.name === name);
  return {
    ...snapshot,
    blobs: new Map([...snapshot.blobs].filter(([hex]) => !plan.blobs.includes(hex))),
    manifests: new Map([...snapshot.manifests].filter(([hex]) => !plan.blobs.includes(hex))),
    repositories: snapshot.repositories.map((each) => ({
      ...each,
      tags: each.tags.filter((tag) => !gone(plan.tags, each.storage, each.name, tag.name)),
      revisions: new Map([...each.revisions].filter(([hex]) => !gone(plan.revisions, each.storage, each.name, hex))),
      layers: new Map([...each.layers].filter(([hex]) => !gone(plan.layers, each.storage, each.name, hex))),
    })),
  };
}

const bytesOf = (snapshot: CacheSnapshot): number => cacheList('n', readInventory(snapshot), new Map()).bytes;
const named = (images: readonly ImageFound[]): string[] => images.map((each) => each.name).toSorted();

const policy: fc.Arbitrary<PrunePolicy> = fc.oneof(
  fc.constant<PrunePolicy>({ kind: 'all' }),
  fc.record({ kind: fc.constant('older-than' as const), seconds: fc.integer({ min: 0, max: 1_000_000 }) }),
  fc.record({ kind: fc.constant('to-size' as const), bytes: fc.integer({ min: 0, max: 200_000 }) }),
);

describe('an inventory', () => {
  const snapshot = snapshotOf([
    image('library/a:1', [1, 2], day),
    image('library/a:2', [1, 3], day),
    image('team/c:1', [2], day, 'ghcr.io'),
    { storage: 'ghcr.io', repository: 'team/d', tag: undefined, platforms: [[4], [5]], age: day },
  ]);
  const list = cacheList('tokyo', readInventory(snapshot), indexedPlatforms(snapshot));
  const of = (repository: string, tag?: string) =>
    list.images.find((each) => each.repository === repository && each.tag === tag);

  it('counts what only one image of all upstreams needs as its own', () => {
    const disk = (layer: number): number => snapshot.blobs.get(layerHex(layer))?.disk ?? 0;
    expect(of('library/a', '1')).toMatchObject({ bytes: disk(1) + disk(2) + 8192, exclusiveBytes: 8192 });
    expect(of('library/a', '2')).toMatchObject({ exclusiveBytes: disk(3) + 8192 });
    expect(of('team/c', '1')).toMatchObject({ bytes: disk(2) + 8192, exclusiveBytes: 8192 });
  });

  it('names the platforms that are stored, by the index or by the configuration', () => {
    const inventory = readInventory(snapshot);
    const known = indexedPlatforms(snapshot);
    expect(of('team/d')?.platforms).toEqual(['linux/cpu4', 'linux/cpu5']);
    expect(of('library/a', '1')).not.toHaveProperty('platforms');
    const configs = unsaidConfigs(inventory, known);
    expect(configs).toEqual([[1, 2], [1, 3], [2]].map((layers) => hexOf(`config ${layers.join()}`)));
    const said = new Map([...known, ...configs.map((hex) => [hex, 'linux/arm64/v8'] as const)]);
    const again = cacheList('tokyo', inventory, said);
    expect(again.images.find((each) => each.repository === 'library/a')?.platforms).toEqual(['linux/arm64/v8']);
  });

  it('counts as left over what no image needs', () => {
    expect(list.leftoverBytes).toBe(0);
    expect(
      cacheList('n', readInventory(snapshotOf([image('library/a:1', [1], day)], [1, 2])), new Map()),
    ).toMatchObject({
      leftoverBytes: 8192,
    });
  });

  it('shows an index pulled by digest as one image, without its platforms', () => {
    expect(list.images.filter((each) => each.repository === 'team/d')).toHaveLength(1);
    expect(list.images).toHaveLength(4);
  });

  it('takes a tag of a manifest that is not stored for no image', () => {
    const [repository] = snapshot.repositories;
    if (!repository) throw new Error('The model has no repository.');
    const tags = [
      { name: 'gone', hex: hexOf('nowhere'), usedAt: noon - day },
      { name: 'bad', hex: undefined, usedAt: 5 },
    ];
    const found = readInventory({ ...snapshot, repositories: [{ ...repository, tags }] });
    expect(found.images.map((each) => each.image.tag)).toEqual([undefined, undefined]);
    expect(planPrune(found, { kind: 'images', images: [found.images[0]?.name ?? ''] }).tags).toHaveLength(2);
  });
});

describe('a prune plan', () => {
  const cache = [
    image('library/a:old', [1, 2], 10 * day),
    image('library/a:new', [2, 3], 1 * day),
    image('team/c:mid', [3, 4], 5 * day, 'ghcr.io'),
    image('team/c:fresh', [6], 60, 'ghcr.io'),
  ];
  const inventory = readInventory(snapshotOf(cache));
  const pinned = (pins: string[]) => readInventory({ ...inventory.snapshot, pins });
  const names = ['docker.io/library/a:old', 'ghcr.io/team/c:mid', 'docker.io/library/a:new'];
  const whole = bytesOf(inventory.snapshot);
  const table: readonly [string, PrunePolicy, string[]][] = [
    ['all', { kind: 'all' }, names],
    ['older than 7 days', { kind: 'older-than', seconds: 7 * day }, names.slice(0, 1)],
    ['older than 2 days', { kind: 'older-than', seconds: 2 * day }, names.slice(0, 2)],
    ['to a size that fits', { kind: 'to-size', bytes: whole }, []],
    ['to a byte less', { kind: 'to-size', bytes: whole - 1 }, names.slice(0, 1)],
    ['to nothing', { kind: 'to-size', bytes: 0 }, names],
    ['one image', { kind: 'images', images: ['a:new', 'ghcr.io/team/c:mid'].slice(1) }, names.slice(1, 2)],
  ];
  it.each(table)('takes for "%s" the images that are meant and never a fresh one', (_, each, expected) => {
    expect(named(planPrune(inventory, each).victims)).toEqual(expected.toSorted());
  });

  it('keeps a layer that an image of another upstream needs', () => {
    const plan = planPrune(inventory, { kind: 'images', images: ['docker.io/library/a:new'] });
    expect(plan.blobs).not.toContain(layerHex(3));
    expect(plan.blobs).not.toContain(layerHex(2));
    expect(plan.layers.map((each) => each.name)).toContain(layerHex(3));
  });

  it('says which images stay and why', () => {
    expect(planPrune(pinned(['library/a:old']), { kind: 'all' }).kept).toEqual([
      { code: 'image-pinned', values: { image: 'docker.io/library/a:old' } },
      { code: 'image-used-within-hour', values: { image: 'ghcr.io/team/c:fresh' } },
    ]);
    expect(planPrune(inventory, { kind: 'to-size', bytes: whole - 1 }).kept).toEqual([]);
  });

  it.each([
    [7200, '2 hours'],
    [5400, '90 minutes'],
    [45, '45 seconds'],
  ])('says a grace of %d seconds as %s', (graceSeconds, words) => {
    const { kept } = planPrune(inventory, { kind: 'all' }, { graceSeconds, now: 1 });
    for (const each of kept) expect(say(each)).toMatch(new RegExp(` was used within the last ${words}$`));
    expect(kept.length).toBeGreaterThan(0);
  });

  const mid = inventory.images.find((found) => found.name === 'ghcr.io/team/c:mid');
  it.each([
    ['its name', 'ghcr.io/team/c:mid', ['ghcr.io/team/c:mid']],
    ['its digest', `ghcr.io/team/c@${mid?.image.digest ?? ''}`, ['ghcr.io/team/c:mid']],
    ['its repository', 'docker.io/library/a', ['docker.io/library/a:new', 'docker.io/library/a:old']],
    ['a short name of its repository', 'a', ['docker.io/library/a:new', 'docker.io/library/a:old']],
    ['another tag', 'ghcr.io/team/c:other', []],
    ['a repository whose name begins alike', 'ghcr.io/team/cc', []],
  ])('keeps a pinned image named by %s', (_, pin, kept) => {
    const plan = planPrune(pinned([pin]), { kind: 'all' }, { graceSeconds: 0 });
    const stays = named(inventory.images).filter((name) => !named(plan.victims).includes(name));
    expect(stays).toEqual(kept);
    expect(plan.kept.map(say).toSorted()).toEqual(kept.map((name) => `${name} is pinned`));
  });

  it('keeps by a digest what is in the repository that the pin names, not the same image in another', () => {
    const same = ['team/c', 'team/d'].map((repository) => ({
      ...image(`${repository}:1`, [1], day),
      storage: 'ghcr.io',
    }));
    const twice = snapshotOf(same);
    const pins = [`ghcr.io/team/d@sha256:${twice.repositories[0]?.tags[0]?.hex ?? ''}`];
    const plan = planPrune(readInventory({ ...twice, pins }), { kind: 'all' });
    expect(named(plan.victims)).toEqual(['ghcr.io/team/c:1']);
    expect(plan.blobs).toEqual([]);
  });

  it('keeps an index whose one platform is pinned by digest', () => {
    const both = snapshotOf([
      { storage: 'docker.io', repository: 'library/x', tag: '1', platforms: [[1], [2]], age: day },
    ]);
    const [child = ''] = both.repositories[0]?.revisions.keys() ?? [];
    const pins = [`docker.io/library/x@sha256:${child}`];
    expect(planPrune(readInventory({ ...both, pins }), { kind: 'all' }).victims).toEqual([]);
  });

  it('refuses a name that is not cached', () => {
    const asked = () => planPrune(inventory, { kind: 'images', images: ['nginx'] });
    expect(asked).toThrow(/docker\.io\/library\/nginx:latest/);
  });

  it('removes an index before the manifests it lists', () => {
    const both = snapshotOf([
      { storage: 'docker.io', repository: 'library/x', tag: '1', platforms: [[1], [2]], age: day },
    ]);
    const root = both.repositories[0]?.tags[0]?.hex;
    expect(planPrune(readInventory(both), { kind: 'all' }).revisions[0]?.name).toBe(root);
  });

  it('keeps the layers of a platform that another manifest of its index has among its files', () => {
    const both = snapshotOf([
      { storage: 'docker.io', repository: 'library/x', tag: '1', platforms: [[1], [2]], age: day },
    ]);
    const children = both.manifests.get(both.repositories[0]?.tags[0]?.hex ?? '')?.children ?? [];
    for (const [at, child] of children.entries()) {
      const other = children[1 - at] ?? '';
      const naming = { children: [], blobs: [...(both.manifests.get(child)?.blobs ?? []), other] };
      const snapshot = { ...both, manifests: new Map(both.manifests).set(child, naming) };
      expect(planPrune(readInventory(snapshot), { kind: 'older-than', seconds: 9 * day })).toMatchObject({
        layers: [],
        blobs: [],
        freedBytes: 0,
      });
    }
  });

  it('takes no layer from a repository whose manifest it cannot read', () => {
    const snapshot = snapshotOf([image('library/a:1', [1], day), image('library/a:2', [2], day)]);
    const hex = snapshot.repositories[0]?.tags[0]?.hex ?? '';
    const opaque = { ...snapshot, manifests: new Map(snapshot.manifests).set(hex, undefined) };
    const plan = planPrune(readInventory(opaque), { kind: 'images', images: ['library/a:2'] });
    expect(plan).toMatchObject({ layers: [], revisions: [], blobs: [], freedBytes: 0 });
    expect(plan.tags.map((tag) => tag.name)).toEqual(['2']);
  });

  it('frees exactly the bytes by which the cache gets smaller, and breaks no image that stays', () => {
    fc.assert(
      fc.property(modelCache, policy, ({ images, orphans }, each) => {
        const before = readInventory(snapshotOf(images, orphans));
        const plan = planPrune(before, each);
        const snapshot = carriedOut(before.snapshot, plan);
        const after = readInventory(snapshot);
        expect(bytesOf(before.snapshot) - bytesOf(snapshot)).toBe(plan.freedBytes);
        const victims = new Set(named(plan.victims));
        for (const found of before.images.filter((one) => !victims.has(one.name))) {
          const still = after.images.find((one) => one.name === found.name);
          expect(still?.image.bytes).toBe(found.image.bytes);
          expect(still?.closure).toEqual(found.closure);
        }
        expect(named(after.images).filter((name) => victims.has(name))).toEqual([]);
        // Nothing without an owner is left, and a second run finds nothing.
        const needed = new Set(after.images.flatMap((one) => [...one.closure]));
        expect([...snapshot.blobs].filter(([hex]) => !needed.has(hex))).toEqual([]);
        const again = planPrune(after, { kind: 'older-than', seconds: 1e9 });
        expect(again).toMatchObject({ victims: [], tags: [], revisions: [], layers: [], blobs: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('prunes to a size with no victim too many', () => {
    fc.assert(
      fc.property(modelCache, fc.integer({ min: 0, max: 200_000 }), ({ images, orphans }, bytes) => {
        const before = readInventory(snapshotOf(images, orphans));
        const plan = planPrune(before, { kind: 'to-size', bytes });
        const left = bytesOf(before.snapshot) - plan.freedBytes;
        if (left > bytes) expect(plan.victims).toHaveLength(before.images.length);
        const last = plan.victims.at(-1);
        if (!last) return;
        const without = plan.victims.slice(0, -1).map((found) => found.name);
        const fewer =
          without.length === 0
            ? planPrune(before, { kind: 'older-than', seconds: 1e9 })
            : planPrune(before, { kind: 'images', images: without });
        expect(bytesOf(before.snapshot) - fewer.freedBytes).toBeGreaterThan(bytes);
      }),
      { numRuns: 200 },
    );
  });
});
