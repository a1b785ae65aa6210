import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../main/cache/inventory.ts';
import { pruneOrder } from '../../../main/cache/prune-order.ts';
import { planPrune } from '../../../main/cache/prune-plan.ts';
import { type ModelImage, hexOf, layerHex, lived, livedCache, modelCache, noon, snapshotOf } from './cache-model.ts';
import { type Model, type Rules, decide, goneOf, lines, sorted } from './node-decision.ts';

const day = 86_400;

const ages = (images: readonly ModelImage[], orphans: readonly number[], pins: readonly string[]): Model => ({
  ...snapshotOf(images, orphans),
  pins,
});

const anyPins = fc.subarray(['library/a:1', 'docker.io/library/a/b', 'ghcr.io/team/c:latest', 'ghcr.io/library/a']);

describe('what the schedule of a node decides by itself', () => {
  it.each([['awk'], ['busybox', 'awk']])('is what the laptop would decide: unused for days (%s %s)', (...program) => {
    fc.assert(
      fc.property(modelCache, anyPins, fc.integer({ min: 0, max: 12 }), ({ images, orphans }, pins, days) => {
        const model = ages(images, orphans, pins);
        const plan = planPrune(readInventory(model), { kind: 'older-than', seconds: days * day });
        const decided = decide(lines(model), { days }, program.filter(Boolean));
        expect(decided.code).toBe(0);
        expect(sorted(decided.order)).toEqual(sorted(pruneOrder(plan, model.at)));
        expect(decided.gone.toSorted()).toEqual(goneOf(plan));
      }),
      { numRuns: 60 },
    );
  });

  it.each([['awk'], ['busybox', 'awk']])('is what the laptop would decide: to a size (%s %s)', (...program) => {
    fc.assert(
      fc.property(modelCache, anyPins, fc.integer({ min: 0, max: 200_000 }), ({ images, orphans }, pins, keep) => {
        const model = ages(images, orphans, pins);
        const plan = planPrune(readInventory(model), { kind: 'to-size', bytes: keep });
        const decided = decide(lines(model), { keep }, program.filter(Boolean));
        expect(decided.code).toBe(0);
        expect(sorted(decided.order)).toEqual(sorted(pruneOrder(plan, model.at)));
      }),
      { numRuns: 60 },
    );
  });

  it('is what the laptop would decide in a cache where every file has a time of its own and some are lost', () => {
    fc.assert(
      fc.property(livedCache, anyPins, fc.boolean(), (cache, pins, bySize) => {
        const model = { ...lived(cache), pins };
        const [policy, rules] = bySize
          ? [{ kind: 'to-size' as const, bytes: cache.limit * 1000 }, { keep: cache.limit * 1000 }]
          : [{ kind: 'older-than' as const, seconds: (cache.limit % 3) * day }, { days: cache.limit % 3 }];
        const plan = planPrune(readInventory(model), policy);
        const decided = decide(lines(model), rules);
        expect(sorted(decided.order)).toEqual(sorted(pruneOrder(plan, model.at)));
        expect(decided.gone.toSorted()).toEqual(goneOf(plan));
      }),
      { numRuns: 60 },
    );
  });

  const image = (name: string, layers: number[], age: number): ModelImage => {
    const [repository = '', tag = ''] = name.split(':');
    return { storage: 'docker.io', repository, tag, platforms: [layers], age };
  };
  const three = [
    image('library/a:old', [1], 40 * day),
    image('library/a:mid', [2], 20 * day),
    image('library/b:new', [3], day),
  ];
  const total = [...snapshotOf(three).blobs.values()].reduce((sum, blob) => sum + blob.disk, 0);

  it.each<[string, Rules, string[]]>([
    ['no rule', {}, []],
    ['30 days', { days: 30 }, ['docker.io/library/a:old']],
    ['a size that is just kept', { keep: total }, []],
    ['days and a size', { days: 30, keep: total - 20_000 }, ['docker.io/library/a:old', 'docker.io/library/a:mid']],
    ['a disk that lacks a byte', { grow: 1 }, ['docker.io/library/a:old']],
    ['a disk with enough room', { grow: -5 }, []],
    [
      'a disk that lacks more than there is',
      { grow: 1e12 },
      three.map((each) => `docker.io/${each.repository}:${each.tag ?? ''}`),
    ],
    ['the stricter of size and disk, the disk', { keep: total, grow: 1 }, ['docker.io/library/a:old']],
    [
      'the stricter of size and disk, the size',
      { keep: total - 20_000, grow: 1 },
      ['docker.io/library/a:old', 'docker.io/library/a:mid'],
    ],
  ])('takes with %s what it means and no more', (_, rules, expected) => {
    expect(decide(lines(snapshotOf(three)), rules).going.toSorted()).toEqual(expected.toSorted());
  });

  it('is told in the order in which it can go: tags, indexes, other manifests, links of layers, files, and their number', () => {
    const both = snapshotOf([
      { storage: 'docker.io', repository: 'library/x', tag: '1', platforms: [[1], [2]], age: day },
    ]);
    const said = decide(lines(both), { keep: 0 }).order.trimEnd().split('\n');
    expect(said.map((each) => each.split(' ')[0]).join('')).toMatch(/^mirrorfleet-pruneTRRRL+B+end$/);
    expect(said[2]).toBe(`R docker.io library/x ${both.repositories[0]?.tags[0]?.hex ?? ''}`);
    expect(said.at(-1)).toBe(`end ${said.length - 2}`);
  });

  it('keeps what was used within the grace, whatever the rule', () => {
    const fresh = snapshotOf([image('library/a:1', [1], 60), image('library/b:1', [2], 2 * day)]);
    expect(decide(lines(fresh), { keep: 0 }).going).toEqual(['docker.io/library/b:1']);
    expect(decide(lines(fresh), { keep: 0, grace: 0 }).going).toHaveLength(2);
  });

  it('takes nothing from a repository with a manifest that it cannot read all of', () => {
    const model = snapshotOf([image('library/a:1', [1], 2 * day), image('library/a:2', [2], 2 * day)]);
    const [first = ''] = model.files.keys();
    for (const unclear of [
      lines(model).filter((each) => !each.startsWith(`x ${first}`)),
      lines(model).filter((each) => !each.startsWith(`x ${first} `)),
      [...lines(model).slice(0, -1), `y ${first}`, 'end'],
      [...lines(model).slice(0, 3), 'o', ...lines(model).slice(3)],
    ]) {
      const pins = `p library/a@sha256:${first}`;
      const { order } = decide([unclear[0] ?? '', pins, ...unclear.slice(1)], { keep: 0 });
      expect(order.split('\n').filter((each) => /^[RLB] /.test(each))).toEqual([]);
    }
  });

  it('keeps no platform that only another repository holds, though an index names it', () => {
    const both = snapshotOf([
      { storage: 'docker.io', repository: 'library/x', tag: '1', platforms: [[1], [2]], age: day },
      { storage: 'ghcr.io', repository: 'y', tag: '1', platforms: [[2]], age: 90 * day },
    ]);
    const second = both.repositories[1]?.tags[0]?.hex ?? '';
    const without = (links: ReadonlyMap<string, number>, ...gone: string[]) =>
      new Map([...links].filter(([hex]) => !gone.includes(hex)));
    const repositories = both.repositories.map((each, at) =>
      at === 0
        ? {
            ...each,
            revisions: without(each.revisions, second),
            layers: without(each.layers, layerHex(2), hexOf('config 2')),
          }
        : each,
    );
    const old = { readAt: noon - 90 * day, changedAt: noon - 90 * day };
    const blobs = new Map([...both.blobs].map(([hex, blob]) => [hex, { ...blob, ...old }]));
    const model = { ...both, repositories, blobs };
    const plan = planPrune(readInventory(model), { kind: 'older-than', seconds: 30 * day });
    expect(plan.blobs.toSorted()).toEqual([second, layerHex(2), hexOf('config 2')].toSorted());
    expect(sorted(decide(lines(model), { days: 30 }).order)).toEqual(sorted(pruneOrder(plan, model.at)));
  });

  it('keeps a manifest that one which stays has among its files', () => {
    const model = snapshotOf([
      image('library/a:1', [1], day),
      { storage: 'docker.io', repository: 'library/a', tag: undefined, platforms: [[2]], age: 90 * day },
    ]);
    const [holder = '', held = ''] = model.files.keys();
    const [repository] = model.repositories;
    if (!repository) throw new Error('The model has no repository.');
    const references = { children: [], blobs: [...(model.manifests.get(holder)?.blobs ?? []), held] };
    const known = {
      ...model,
      manifests: new Map(model.manifests).set(holder, references),
      repositories: [{ ...repository, layers: new Map(repository.layers).set(held, noon - 90 * day) }],
    };
    expect(planPrune(readInventory(known), { kind: 'older-than', seconds: 30 * day }).victims).toEqual([]);
    const { going, order } = decide([...lines(known).slice(0, -1), `x ${holder} ${held}`, 'end'], { days: 30 });
    expect(going).toEqual([]);
    expect(order).not.toContain(held);
  });

  it('keeps the image that a signature is about', () => {
    const model = snapshotOf([
      { storage: 'docker.io', repository: 'library/a', tag: undefined, platforms: [[1]], age: day },
    ]);
    const [subject = ''] = model.files.keys();
    const signature = hexOf('signature');
    const said = lines(model);
    said.splice(3, 0, `m ${signature} ${noon - 90 * day}`, `t sig ${signature} ${noon - 90 * day}`);
    said.splice(-1, 0, `b ${signature} 1 8 1 1`, `x ${signature}`, `x ${signature} ${subject}`);
    const { going, order } = decide(said, { days: 30 });
    expect(going).toEqual(['docker.io/library/a:sig']);
    expect(order).not.toContain(`R docker.io library/a ${subject}`);
  });

  it.each<[string, (said: string[]) => string[], number]>([
    ['breaks off', (said) => said.slice(0, -1), 19],
    ['is called broken by its maker', (said) => [...said.slice(0, -1), 'broken'], 19],
    ['names a registry with a descriptor cache', (said) => [said[0] ?? '', 'c docker.io.yml', ...said.slice(1)], 13],
    ['has a line of pins that is none', (said) => [said[0] ?? '', 'q 3', ...said.slice(1)], 18],
    ['has a pin that is no name', (said) => [said[0] ?? '', 'p UPPER/Case', ...said.slice(1)], 18],
  ])('is nothing, with an exit code, where the list %s', (_, change, code) => {
    const decided = decide(change(lines(snapshotOf(three))), { keep: 0 });
    expect(decided).toMatchObject({ code, going: [] });
    expect(decided.order).not.toMatch(/^(T|R|L|B|end) /m);
  });
});
