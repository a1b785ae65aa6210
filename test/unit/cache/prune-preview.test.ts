import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../main/cache/inventory.ts';
import { planPrune, prunePreview } from '../../../main/cache/prune-plan.ts';
import type { PrunePolicy } from '../../../preload/contract/cache.ts';
import { type ModelImage, noon, snapshotOf } from './cache-model.ts';

const day = 86_400;
const image = (repository: string, layer: number, age: number): ModelImage => ({
  storage: 'ghcr.io',
  repository,
  tag: '1',
  platforms: [[layer]],
  age,
});
const inventory = readInventory(
  snapshotOf([image('b', 1, 5 * day), image('a', 2, 5 * day), image('c', 3, 9 * day), image('d', 4, 2 * day)]),
);
const pinned = readInventory({ ...inventory.snapshot, pins: ['ghcr.io/c'] });
const namesOf = (policy: PrunePolicy): string[] =>
  planPrune(inventory, policy).victims.map(({ image: { repository } }) => repository);

describe('what is shown before a prune', () => {
  it('has the least recently used first, those of the same moment by their names', () => {
    expect(namesOf({ kind: 'all' })).toEqual(['c', 'a', 'b', 'd']);
    const turned = { ...inventory, images: inventory.images.toReversed() };
    expect(planPrune(turned, { kind: 'all' }).victims.map(({ root }) => root)).toEqual(
      planPrune(inventory, { kind: 'all' }).victims.map(({ root }) => root),
    );
    expect(namesOf({ kind: 'images', images: ['ghcr.io/d:1', 'ghcr.io/b:1', 'ghcr.io/c:1'] })).toEqual(['c', 'b', 'd']);
  });

  it('takes for a size no more than the first that make it', () => {
    const whole = [...inventory.snapshot.blobs.values()].reduce((sum, { disk }) => sum + disk, 0);
    const [first] = planPrune(inventory, { kind: 'images', images: ['ghcr.io/c:1'] }).victims;
    const freed = first?.image.exclusiveBytes ?? 0;
    expect(namesOf({ kind: 'to-size', bytes: whole - freed })).toEqual(['c']);
    expect(namesOf({ kind: 'to-size', bytes: whole - freed - 1 })).toEqual(['c', 'a']);
  });

  it.each([
    [5 * day, ['c']],
    [5 * day - 1, ['c', 'a', 'b']],
  ])('counts what was used exactly so long ago as used within it (%d seconds)', (seconds, expected) => {
    const plan = planPrune(inventory, { kind: 'older-than', seconds }, { now: noon * 1000 });
    expect(plan.victims.map(({ image: { repository } }) => repository)).toEqual(expected);
  });

  it('says why images stay where the size cannot be reached, and nothing where it is', () => {
    const why = [{ code: 'image-pinned', values: { image: 'ghcr.io/c:1' } }];
    const bytes = planPrune(pinned, { kind: 'to-size', bytes: 0 });
    expect(bytes.kept).toEqual(why);
    const left = [...pinned.snapshot.blobs.values()].reduce((sum, { disk }) => sum + disk, 0) - bytes.freedBytes;
    expect(planPrune(pinned, { kind: 'to-size', bytes: left }).kept).toEqual([]);
    expect(planPrune(pinned, { kind: 'to-size', bytes: left - 1 }).kept).toEqual(why);
  });

  it('counts what is freed, and names the images as they are listed', () => {
    const policy: PrunePolicy = { kind: 'older-than', seconds: 3 * day };
    const plan = planPrune(pinned, policy);
    expect(prunePreview('tokyo', policy, plan)).toEqual({
      node: 'tokyo',
      policy,
      victims: pinned.images
        .filter(({ name }) => /\/[ab]:/.test(name))
        .map((found) => found.image)
        .toReversed(),
      freedBytes: plan.freedBytes,
      blobs: 6,
      kept: [{ code: 'image-pinned', values: { image: 'ghcr.io/c:1' } }],
    });
  });

  it('is refused with the names of all images that are not there', () => {
    const asked = () => planPrune(inventory, { kind: 'images', images: ['ghcr.io/a:1', 'ghcr.io/a:2', 'nginx'] });
    expect(asked).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'image-not-cached',
          message: 'Not in the cache: ghcr.io/a:2, docker.io/library/nginx:latest. Nothing was removed.',
          hint: expect.stringContaining('every name as it must be given'),
        }),
      }),
    );
  });
});
