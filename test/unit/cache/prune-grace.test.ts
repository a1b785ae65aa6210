import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../main/cache/inventory.ts';
import { planPrune } from '../../../main/cache/prune-plan.ts';
import type { PrunePolicy } from '../../../preload/contract/cache.ts';
import { type ModelImage, hexOf, layerHex, lived, livedCache, noon, snapshotOf } from './cache-model.ts';

const day = 86_400;
/** The server's clock at noon to the second, so that an hour ago is a time that a file can have. */
const rules = { now: noon * 1000 };
const all: PrunePolicy = { kind: 'all' };
const image = (tag: string | undefined, layers: readonly number[], age: number): ModelImage => ({
  storage: 'docker.io',
  repository: 'library/a',
  tag,
  platforms: [layers],
  age,
});

/** A repository of one image that is days old; what a running pull has stored so far is put into it. */
function withRepository(
  change: (maps: {
    tags: { name: string; hex: string | undefined; usedAt: number }[];
    revisions: Map<string, number>;
    layers: Map<string, number>;
  }) => void,
) {
  const snapshot = snapshotOf([image('1', [1], 5 * day)]);
  const [repository] = snapshot.repositories;
  if (!repository) throw new Error('The model has no repository.');
  const maps = {
    tags: [...repository.tags],
    revisions: new Map(repository.revisions),
    layers: new Map(repository.layers),
  };
  change(maps);
  return { ...snapshot, repositories: [{ ...repository, ...maps }] };
}

describe('what a running pull may have stored within the last hour', () => {
  /** Ages in seconds, and whether what is so old goes. */
  const ages = [
    ['3599 seconds', 3599, false],
    ['an hour', 3600, true],
  ] as const;

  it.each(ages)('an image that was used %s ago', (_, age, goes) => {
    const { victims, kept } = planPrune(readInventory(snapshotOf([image('1', [1], age)])), all, rules);
    expect([victims.length, kept.length]).toEqual(goes ? [1, 0] : [0, 1]);
  });

  it.each(ages)('an image of a tag long unused whose manifest was linked %s ago', (_, age, goes) => {
    const root = hexOf('root');
    const snapshot = withRepository(({ tags, revisions }) => {
      tags.push({ name: 'again', hex: root, usedAt: noon - 9 * day });
      revisions.set(root, noon - age);
    });
    const blob = { size: 1, disk: 4096, readAt: noon - 9 * day, changedAt: noon - 9 * day };
    const blobs = new Map(snapshot.blobs).set(root, blob);
    const manifests = new Map(snapshot.manifests).set(root, { children: [], blobs: [] });
    const plan = planPrune(readInventory({ ...snapshot, blobs, manifests }), all, rules);
    expect(plan.victims.map(({ image: { tag } }) => tag).includes('again')).toBe(goes);
    expect(plan.tags.map(({ name }) => name)).toEqual(goes ? ['1', 'again'] : ['1']);
  });

  it.each(ages)('a file that nothing names and that came %s ago', (_, age, goes) => {
    const snapshot = snapshotOf([]);
    const blobs = new Map([[hexOf('new'), { size: 5, disk: 4096, readAt: noon - day, changedAt: noon - age }]]);
    const plan = planPrune(readInventory({ ...snapshot, blobs }), all, rules);
    expect([plan.blobs, plan.freedBytes]).toEqual(goes ? [[hexOf('new')], 4096] : [[], 0]);
  });

  it.each(ages)('a layer that no manifest names yet and that was linked %s ago', (_, age, goes) => {
    const snapshot = withRepository(({ layers }) => layers.set(hexOf('coming'), noon - age));
    const blob = { size: 1, disk: 512, readAt: noon - 9 * day, changedAt: noon - 9 * day };
    const blobs = new Map(snapshot.blobs).set(hexOf('coming'), blob);
    const plan = planPrune(readInventory({ ...snapshot, blobs }), all, rules);
    expect(plan.layers.some(({ name }) => name === hexOf('coming'))).toBe(goes);
    expect(plan.blobs.includes(hexOf('coming'))).toBe(goes);
  });

  it.each(ages)('a manifest without a tag, with the old layers that it needs, linked %s ago', (_, age, goes) => {
    const snapshot = snapshotOf([image(undefined, [7], 5 * day)]);
    const [repository] = snapshot.repositories;
    const [root = ''] = repository?.revisions.keys() ?? [];
    if (!repository) throw new Error('The model has no repository.');
    const linked = { ...repository, revisions: new Map([[root, noon - age]]) };
    const plan = planPrune(readInventory({ ...snapshot, repositories: [linked] }), all, rules);
    expect([plan.revisions, plan.layers, plan.blobs].map((each) => each.length)).toEqual(goes ? [1, 2, 3] : [0, 0, 0]);
    expect(plan.blobs.includes(layerHex(7))).toBe(goes);
  });

  it.each(ages)('a manifest whose file is not there yet, linked %s ago', (_, age, goes) => {
    const snapshot = withRepository(({ revisions }) => revisions.set(hexOf('coming'), noon - age));
    const plan = planPrune(readInventory(snapshot), { kind: 'older-than', seconds: 30 * day }, rules);
    expect(plan.revisions.map(({ name }) => name)).toEqual(goes ? [hexOf('coming')] : []);
  });

  it.each(ages)('a tag whose link names nothing that is stored, written %s ago', (_, age, goes) => {
    const snapshot = withRepository(({ tags }) => {
      tags.push({ name: 'half', hex: undefined, usedAt: noon - age });
      tags.push({ name: 'gone', hex: hexOf('nowhere'), usedAt: noon - age });
    });
    const plan = planPrune(readInventory(snapshot), { kind: 'older-than', seconds: 30 * day }, rules);
    expect(plan.tags.map(({ name }) => name)).toEqual(goes ? ['half', 'gone'] : []);
  });

  it.each(ages)('a tag whose manifest lost its file or its link, written %s ago', (_, age, goes) => {
    const snapshot = withRepository(({ tags, revisions }) => {
      tags.push({ name: 'no file', hex: hexOf('no file'), usedAt: noon - age });
      tags.push({ name: 'no link', hex: hexOf('no link'), usedAt: noon - age });
      revisions.set(hexOf('no file'), noon - 9 * day);
    });
    const blob = { size: 1, disk: 512, readAt: noon, changedAt: noon };
    const blobs = new Map(snapshot.blobs).set(hexOf('no link'), blob);
    const plan = planPrune(readInventory({ ...snapshot, blobs }), { kind: 'older-than', seconds: 30 * day }, rules);
    expect(plan.tags.map(({ name }) => name)).toEqual(goes ? ['no file', 'no link'] : []);
  });

  it.each([
    ['', 0],
    [', by a clock that was set back since too', -90],
  ])('goes too where a person asks for no grace%s', (_, age) => {
    const snapshot = snapshotOf([image('1', [1], age)]);
    const plan = planPrune(readInventory(snapshot), all, { ...rules, graceSeconds: 0 });
    expect(plan.victims).toHaveLength(1);
    expect(plan.blobs).toHaveLength(3);
  });

  it('is judged by the time of the list where no other is given', () => {
    const inventory = readInventory({ ...snapshotOf([image('1', [1], 3599)]), at: `${noon + 1}` });
    expect(planPrune(inventory, all).victims).toHaveLength(1);
  });
});

describe('in a cache where every file has a time of its own, a prune', () => {
  const policy = fc.constantFrom<PrunePolicy>(
    all,
    { kind: 'to-size', bytes: 0 },
    { kind: 'older-than', seconds: 3601 },
  );

  it('takes nothing newer than the grace, and nothing that what stays needs', () => {
    fc.assert(
      fc.property(livedCache, policy, (chosen, each) => {
        const inventory = readInventory(lived(chosen));
        const { snapshot } = inventory;
        const plan = planPrune(inventory, each);
        const old = (at: number | undefined): boolean => (at ?? 0) <= Number(snapshot.at) - 3600;
        for (const hex of plan.blobs) expect(old(snapshot.blobs.get(hex)?.changedAt)).toBe(true);
        for (const repository of snapshot.repositories) {
          const here = (list: typeof plan.tags) =>
            list.filter((one) => one.storage === repository.storage && one.repository === repository.name);
          const going = new Set(here(plan.tags).map(({ name }) => name));
          for (const tag of repository.tags) if (going.has(tag.name)) expect(old(tag.usedAt)).toBe(true);
          for (const { name } of here(plan.revisions)) expect(old(repository.revisions.get(name))).toBe(true);
          for (const { name } of here(plan.layers)) expect(old(repository.layers.get(name))).toBe(true);
        }
        const going = new Set(plan.victims);
        for (const found of inventory.images.filter((one) => !going.has(one))) {
          expect(plan.blobs.filter((hex) => found.closure.has(hex))).toEqual([]);
          const { storage, name } = found.repository;
          const links = [...plan.revisions, ...plan.layers].filter(
            (one) => one.storage === storage && one.repository === name && found.closure.has(one.name),
          );
          expect(links).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
