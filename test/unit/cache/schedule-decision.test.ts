import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInventory } from '../../../main/cache/inventory.ts';
import { pinName } from '../../../main/cache/pin-names.ts';
import { pruneOrder } from '../../../main/cache/prune-order.ts';
import { planPrune } from '../../../main/cache/prune-plan.ts';
import { scheduleDecision } from '../../../main/cache/schedule-decision.ts';
import { type ModelImage, hexOf, modelCache, noon, snapshotOf } from './cache-model.ts';

const day = 86_400;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-decision-'));
  writeFileSync(join(folder, 'decide.awk'), scheduleDecision);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Model = ReturnType<typeof snapshotOf>;

/** What `list.sh FOLDER references` prints for a snapshot. */
function lines(snapshot: Model): string[] {
  const said = [`mirrorfleet-cache 1 ${snapshot.at} 1`, ...snapshot.pins.map((pin) => `p ${pin}`)];
  for (const repository of snapshot.repositories) {
    said.push(`u ${repository.storage}`, `r ${repository.name}`);
    for (const [hex, at] of repository.layers) said.push(`l ${hex} ${at}`);
    for (const [hex, at] of repository.revisions) said.push(`m ${hex} ${at}`);
    for (const tag of repository.tags) said.push(`t ${tag.name} ${tag.hex ?? '-'} ${tag.usedAt}`);
  }
  for (const [hex, blob] of snapshot.blobs)
    said.push(`b ${hex} ${blob.size} ${blob.disk / 512} ${blob.readAt} ${blob.changedAt}`);
  for (const [hex, bytes] of snapshot.files) {
    const text = bytes.toString();
    said.push(
      `x ${hex}`,
      ...[...text.matchAll(/"sha256:([0-9a-f]{64})"/g)].map((found) => `x ${hex} ${found[1] ?? ''}`),
    );
    if (text.includes('"manifests"')) said.push(`i ${hex}`);
  }
  return [...said, 'end'];
}

interface Rules {
  readonly days?: number;
  readonly keep?: number;
  readonly grow?: number;
  readonly grace?: number;
}

function decide(
  said: readonly string[],
  rules: Rules,
  program = ['awk'],
): { code: number | null; order: string; going: string[] } {
  const going = join(folder, 'going');
  writeFileSync(going, '');
  const variables = { days: '', keep: '', grow: '', grace: 3600, going, ...rules };
  const [awk = 'awk', ...first] = program;
  const ran = spawnSync(
    awk,
    [
      ...first,
      ...Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]),
      '-f',
      join(folder, 'decide.awk'),
    ],
    { input: `${said.join('\n')}\n`, encoding: 'utf8' },
  );
  const names = readFileSync(going, 'utf8').trimEnd().split('\n').filter(Boolean);
  return { code: ran.status, order: ran.stdout, going: names.map((each) => each.split(' ')[1] ?? '') };
}

/** The order by kind of line, each kind sorted: what goes must be the same, not in which order its kind comes. */
function sorted(order: string): string[] {
  return order.trimEnd().split('\n').toSorted();
}

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
        expect(decided.going.toSorted()).toEqual(plan.victims.map((found) => found.name).toSorted());
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
    ['days and a size', { days: 30, keep: total - 20_000 }, ['docker.io/library/a:old', 'docker.io/library/a:mid']],
    ['a disk that lacks a byte', { grow: 1 }, ['docker.io/library/a:old']],
    ['a disk with enough room', { grow: -5 }, []],
    [
      'a disk that lacks more than there is',
      { grow: 1e12 },
      three.map((each) => `docker.io/${each.repository}:${each.tag ?? ''}`),
    ],
    ['the stricter of size and disk', { keep: total, grow: 1 }, ['docker.io/library/a:old']],
  ])('takes with %s what it means and no more', (_, rules, expected) => {
    expect(decide(lines(snapshotOf(three)), rules).going.toSorted()).toEqual(expected.toSorted());
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
      [...lines(model).slice(0, -1), `y ${first}`, 'end'],
      [...lines(model).slice(0, 3), 'o', ...lines(model).slice(3)],
    ]) {
      const pins = `p library/a@sha256:${first}`;
      const { order } = decide([unclear[0] ?? '', pins, ...unclear.slice(1)], { keep: 0 });
      expect(order.split('\n').filter((each) => /^[RLB] /.test(each))).toEqual([]);
    }
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

  it.each([
    'a//b',
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
    'nginx@',
    'nginx@sha256:12',
    `nginx@sha256:${'A'.repeat(64)}`,
    `nginx@sha256:${'a'.repeat(64)}@x`,
    'a'.repeat(257),
    `${'a'.repeat(252)}.com/b`,
  ])('takes nothing where a pin is %j, which the laptop refuses too', (pin) => {
    expect(pinName(pin)).toBeUndefined();
    const [head = '', ...rest] = lines(snapshotOf(three));
    expect(decide([head, `p ${pin}`, ...rest], { keep: 0 })).toMatchObject({ code: 18, going: [] });
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
