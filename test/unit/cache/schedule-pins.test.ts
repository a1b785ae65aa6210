import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../main/cache/inventory.ts';
import { pinName } from '../../../main/cache/pin-names.ts';
import { planPrune } from '../../../main/cache/prune-plan.ts';
import { type ModelImage, hexOf, rootBytes, snapshotOf } from './cache-model.ts';
import { decide, lines } from './node-decision.ts';

const longTag = 'x'.repeat(128);
const longName = `${'n'.repeat(200)}/${'m'.repeat(54)}`;
const longHost = `${'h'.repeat(251)}.com`;
const images: readonly ModelImage[] = [
  ['docker.io', 'library/a', '1'],
  ['docker.io', 'library/a', longTag],
  ['docker.io', 'team/a', '1'],
  ['ghcr.io', 'a', '1'],
  ['ghcr.io', longName, '1'],
  ['localhost', 'a', '1'],
  ['registry.example_5000', 'a', '1'],
  ['registry.k8s.io', 'pause', '3.9'],
  [longHost, 'a', '1'],
  ['ghcr.io', 'b', '1'],
].map(([storage = '', repository = '', tag], at) => ({
  storage,
  repository,
  tag,
  platforms: [[at === 9 ? 3 : at]],
  age: 86_400,
}));
const snapshot = snapshotOf(images);
const inventory = readInventory(snapshot);
const digest = (at: number): string => `sha256:${hexOf(images[at] ? rootBytes(images[at]) : '')}`;

describe('a pin keeps for the schedule of a node what it keeps for the laptop', () => {
  it.each<[string, number[]]>([
    ['a', [0, 1]],
    ['a:1', [0]],
    [`a:${longTag}`, [1]],
    ['library/a:1', [0]],
    ['docker.io/a:1', [0]],
    ['docker.io/library/a', [0, 1]],
    ['index.docker.io/a:1', [0]],
    ['registry-1.docker.io/team/a', [2]],
    ['team/a:1', [2]],
    ['team/a:2', []],
    ['ghcr.io/a', [3]],
    ['ghcr.io/a:1', [3]],
    [`ghcr.io/${longName}`, [4]],
    ['localhost/a', [5]],
    ['registry.example:5000/a:1', [6]],
    ['k8s.gcr.io/pause', [7]],
    [`${longHost}/a`, [8]],
    [`a@${digest(0)}`, [0]],
    [`a:other@${digest(1)}`, [1]],
    [`ghcr.io/a@${digest(3)}`, [3]],
    [`ghcr.io/a@${digest(0)}`, []],
    [`ghcr.io/b@${digest(3)}`, [9]],
  ])('%s', (pin, kept) => {
    const pinned = { ...snapshot, pins: [pin] };
    const stays = kept.map((at) => inventory.images[at]?.name);
    const goes = inventory.images.map(({ name }) => name).filter((name) => !stays.includes(name));
    const plan = planPrune(readInventory(pinned), { kind: 'all' });
    expect(plan.victims.map(({ name }) => name).toSorted()).toEqual(goes.toSorted());
    expect(decide(lines(pinned), { keep: 0 }).going.toSorted()).toEqual(goes.toSorted());
  });

  it.each([
    'a//b',
    'ghcr.io/Team/a',
    'ghcr.io/team/a_',
    'nginx/',
    'ghcr.io/team/',
    'ghcr.io/a..b',
    'a/../b',
    '../a',
    'a___b',
    'a-',
    '-a',
    'ghcr.io/',
    'a.-/b',
    'a_b.example/c',
    'a.example_5000/b',
    'a.example:/b',
    'a.example:x/b',
    'a.example:123456/b',
    'a.example:1:2/b',
    'A.example/b',
    'a:b/c',
    'nginx:',
    'nginx:-x',
    `nginx:${'x'.repeat(129)}`,
    'nginx:1!',
    'nginx:1&2',
    'nginx@',
    'nginx@sha256:12',
    `nginx@${'a'.repeat(71)}`,
    `nginx@sha256:${'a'.repeat(63)}g`,
    `nginx@sha999:${'a'.repeat(64)}`,
    `nginx@sha256:${'A'.repeat(64)}`,
    `nginx@sha256:${'a'.repeat(64)}@x`,
    'a'.repeat(257),
    `${'a'.repeat(252)}.com/b`,
  ])('and where it is %j, which the laptop refuses, nothing goes', (pin) => {
    expect(pinName(pin)).toBeUndefined();
    const [head = '', ...rest] = lines(snapshot);
    expect(decide([head, `p ${pin}`, ...rest], { keep: 0 })).toMatchObject({ code: 18, going: [] });
  });
});
