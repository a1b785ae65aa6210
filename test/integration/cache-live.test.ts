import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageName } from '../../main/cache/image-name.ts';
import { inventoryScript } from '../../main/cache/inventory-script.ts';
import { readInventory } from '../../main/cache/inventory.ts';
import { listCache, previewPrune, runPrune } from '../../main/cache/node-cache.ts';
import { pruneOrder } from '../../main/cache/prune-order.ts';
import { planPrune } from '../../main/cache/prune-plan.ts';
import { pruneScript } from '../../main/cache/prune-script.ts';
import { readSnapshot } from '../../main/cache/read-inventory.ts';
import type { Host } from '../../main/hosts/host.ts';
import { localHost } from '../../main/hosts/local-host.ts';
import { Tasks } from '../../main/tasks/tasks.ts';
import type { PrunePolicy } from '../../preload/contract/cache.ts';
import type { Task } from '../../preload/contract/task.ts';
import { CacheStand, type Pull, layerOf } from './cache-stand.ts';

const host = localHost();
const now = { graceSeconds: 0 };
const seconds = 8;
let stand: CacheStand;

async function prune(policy: PrunePolicy, through: Host = host): Promise<Task> {
  return new Tasks(() => {}).run({ kind: 'prune', subject: 'tokyo', title: 'Prune tokyo' }, async (context) => {
    await runPrune(through, stand.spec, policy, context, now);
  });
}

/** Prunes everything with an order that calls nothing used since: what no check on the server would spare. Answers the bytes freed. */
async function pruneRegardless(): Promise<number> {
  const snapshot = await readSnapshot(host, stand.spec);
  const order = pruneOrder(planPrune(readInventory(snapshot), { kind: 'all' }, now), `${Number(snapshot.at) + 3600}`);
  const result = await host.run({ argv: ['sh', '-c', pruneScript, 'sh', stand.base], input: order });
  expect(result.code).toBe(0);
  return Number(/^freed (\d+) /m.exec(result.stdout)?.[1]);
}

beforeAll(async () => {
  stand = await CacheStand.start(['docker.io', 'ghcr.io']);
  const shared = layerOf(1_000_000);
  for (const number of [1, 2, 3, 4]) {
    await stand.push('docker.io', `library/app${number}`, '1', [[shared, layerOf(500_000), layerOf(10_000)]]);
    await stand.push('ghcr.io', `team/app${number}`, '1', [[shared, layerOf(500_000)], [layerOf(1000)]]);
  }
});
afterAll(async () => {
  await stand.close();
});

describe('pruning a node that is in use', () => {
  it('lets four pullers go on: no wrong byte, and hardly ever a failure, which the next try heals', async () => {
    const until = Date.now() + seconds * 1000;
    const pulls: Pull[] = [];
    const puller = async (number: number): Promise<void> => {
      while (Date.now() < until) {
        pulls.push(await stand.pull('mirror docker.io', `library/app${number}`, '1'));
        pulls.push(await stand.pull('mirror ghcr.io', `team/app${number}`, '1'));
      }
    };
    const prunes: Task[] = [];
    let freed = 0;
    const pruner = async (): Promise<void> => {
      while (Date.now() < until) {
        prunes.push(await prune({ kind: 'all' }));
        freed += await pruneRegardless();
      }
    };
    // All of them come to their end, whatever one meets: who went on would spoil the tests after this one.
    const ends = await Promise.allSettled([puller(1), puller(2), puller(3), puller(4), pruner()]);
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
    const failures = pulls.filter((pull) => pull.status !== 200);
    process.stdout.write(
      `${pulls.length} pulls, ${failures.length} failed, ${prunes.length * 2} prunes freed ${freed} bytes\n`,
    );
    expect(prunes.filter((task) => task.state !== 'done')).toEqual([]);
    expect(freed).toBeGreaterThan(1_000_000);
    expect(pulls.filter((pull) => !pull.digestsRight)).toEqual([]);
    expect(failures.filter((pull) => pull.status !== 500)).toEqual([]);
    expect(failures.length).toBeLessThan(pulls.length / 20);
    for (const number of [1, 2, 3, 4]) {
      const whole = { status: 200, at: 'done', digestsRight: true };
      expect(await stand.fill('docker.io', `library/app${number}`, '1')).toEqual(whole);
      expect(await stand.fill('ghcr.io', `team/app${number}`, '1')).toEqual(whole);
    }
  });

  it('keeps an image that was pulled between the decision and the deed', async () => {
    await stand.fill('docker.io', 'library/app1', '1');
    await stand.fill('docker.io', 'library/app2', '1');
    const decided = await readSnapshot(host, stand.spec);
    const order = pruneOrder(planPrune(readInventory(decided), { kind: 'all' }, now), decided.at);
    await stand.fill('docker.io', 'library/app1', '1');
    const result = await host.run({ argv: ['sh', '-c', pruneScript, 'sh', stand.base], input: order });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('kept docker.io/docker/registry/v2/repositories/library/app1/_manifests/tags/1\n');
    await stand.stop('upstream docker.io');
    expect(await stand.pull('mirror docker.io', 'library/app1', '1')).toEqual({
      status: 200,
      at: 'done',
      digestsRight: true,
    });
    expect(await stand.pull('mirror docker.io', 'library/app2', '1')).toMatchObject({ status: 404, at: 'manifest' });
    await stand.startUpstream('docker.io');
  });

  it('never leaves a broken image when it is killed at any moment, and the next run finishes the work', async () => {
    const order = async (): Promise<string> => {
      for (const number of [1, 2, 3, 4]) await stand.fill('docker.io', `library/app${number}`, '1');
      const snapshot = await readSnapshot(host, stand.spec);
      return pruneOrder(planPrune(readInventory(snapshot), { kind: 'all' }, now), snapshot.at);
    };
    for (const moment of ['step tags', 'step manifests', 'step check', 'step blobs']) {
      const input = await order();
      const child = spawn('sh', ['-c', pruneScript, 'sh', stand.base], {
        stdio: ['pipe', 'pipe', 'ignore'],
        detached: true,
        env: { ...process.env, TMPDIR: join(stand.base, '..') },
      });
      child.stdin.end(input);
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes(moment) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      });
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await stand.stop('upstream docker.io');
      for (const number of [1, 2, 3, 4]) {
        const pull = await stand.pull('mirror docker.io', `library/app${number}`, '1');
        expect([`${moment} 200 done`, `${moment} 404 manifest`]).toContain(`${moment} ${pull.status} ${pull.at}`);
      }
      await stand.startUpstream('docker.io');
      expect(await prune({ kind: 'all' })).toMatchObject({ state: 'done' });
      expect(await listCache(host, stand.spec)).toMatchObject({ images: [], bytes: 0, blobs: 0 });
    }
  });

  it('refuses an order that is cut or names anything else than what a registry stores', async () => {
    await stand.fill('docker.io', 'library/app1', '1');
    const before = await listCache(host, stand.spec);
    const hex = 'a'.repeat(64);
    const orders = [
      '',
      'mirrorfleet-prune 1 5\n',
      `mirrorfleet-prune 1 5\nB ${hex}\n`,
      `mirrorfleet-prune 1 5\nB ${hex}\nend 2\n`,
      'mirrorfleet-prune 1 5\nB ../../../etc\nend 1\n',
      'mirrorfleet-prune 1 5\nT docker.io library/../../x 1\nend 1\n',
      'mirrorfleet-prune 1 5\nT docker.io library/app1 ..\nend 1\n',
      'mirrorfleet-prune 1 5\nT .. library/app1 1\nend 1\n',
      'mirrorfleet-prune 1 5\nT offline docker.io/library/app1 1\nend 1\n',
      `mirrorfleet-prune 1 5\nR docker.io /etc ${hex}\nend 1\n`,
      'mirrorfleet-prune 1 5\nL docker.io library/app1 x\nend 1\n',
      'mirrorfleet-prune 1 5\nX docker.io library/app1 1\nend 1\n',
      'mirrorfleet-prune 1 5\nend 0\nT docker.io library/app1 1\n',
    ];
    for (const input of orders) {
      const result = await host.run({ argv: ['sh', '-c', pruneScript, 'sh', stand.base], input });
      expect({ input, code: result.code }).toEqual({ input, code: 14 });
    }
    expect(await listCache(host, stand.spec)).toEqual(before);
  });
});

describe('a server with busybox for everything', () => {
  let bin: string;
  let small: Host;
  beforeAll(async () => {
    bin = await mkdtemp(join(tmpdir(), 'mirrorfleet-busybox-'));
    const applets = [
      'sh',
      'ls',
      'find',
      'awk',
      'tar',
      'stat',
      'xargs',
      'grep',
      'sed',
      'mktemp',
      'rm',
      'rmdir',
      'wc',
      'cat',
      'gzip',
      'touch',
      'tr',
      'sort',
      'head',
      'cp',
    ];
    for (const applet of applets) await symlink('/bin/busybox', join(bin, applet));
    // Debian's busybox is built without it; others have it.
    await symlink('/usr/bin/flock', join(bin, 'flock'));
    const run: Host['run'] = (command) => host.run({ ...command, argv: ['env', `PATH=${bin}`, ...command.argv] });
    small = { ...host, name: 'small', roundTrips: 0, run };
  });
  afterAll(async () => {
    await rm(bin, { recursive: true, force: true });
  });

  /** Without times: a second may end between the link that tells busybox when an image was pulled and the read that tells a whole system. */
  const list = async (each: Host) => {
    const listed = await listCache(each, stand.spec);
    return { ...listed, images: listed.images.map((image) => ({ ...image, lastUse: 0 })) };
  };

  it('counts nothing that a planted link leads to, and neither does a whole system', async () => {
    await stand.fill('docker.io', 'library/app1', '1');
    const store = join(stand.base, 'data/blobs/sha256');
    const elsewhere = await mkdtemp(join(tmpdir(), 'mirrorfleet-elsewhere-'));
    const taken = await readdir(store);
    const prefixes = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'));
    const [linked = '', one = '', other = ''] = prefixes.filter((prefix) => !taken.includes(prefix));
    const [first, second, third] = [linked, one, other].map((prefix) => prefix.padEnd(64, '0'));
    for (const hex of [first, second]) await mkdir(join(elsewhere, `${hex}`));
    for (const hex of [first, second]) await writeFile(join(elsewhere, `${hex}`, 'data'), 'a file of somebody else');
    const before = await list(host);
    await symlink(elsewhere, join(store, linked));
    await mkdir(join(store, one));
    await symlink(join(elsewhere, `${second}`), join(store, one, `${second}`));
    await mkdir(join(store, other, `${third}`), { recursive: true });
    await symlink(join(elsewhere, `${second}`, 'data'), join(store, other, `${third}`, 'data'));
    expect(await list(host)).toEqual(before);
    expect(await list(small)).toEqual(before);
    for (const prefix of [linked, one, other]) await rm(join(store, prefix), { recursive: true });
    await rm(elsewhere, { recursive: true });
  });

  it('reads out of manifests for its own schedule what the laptop reads out of them', async () => {
    await stand.fill('ghcr.io', 'team/app1', '1');
    await stand.fill('docker.io', 'library/app1', '1');
    const { manifests, blobs } = await readSnapshot(host, stand.spec);
    const expected = [...manifests].flatMap(([hex, found]) => [
      ...[...(found?.blobs ?? []), ...(found?.children ?? [])].map((other) => `x ${hex} ${other}`),
      ...((found?.children.length ?? 0) > 0 ? [`i ${hex}`] : []),
    ]);
    expect(expected.length).toBeGreaterThan(6);
    for (const each of [host, small]) {
      const argv = ['sh', '-c', inventoryScript, 'sh', stand.base, 'references'];
      const { stdout } = await each.run({ argv });
      const said = stdout.split('\n').filter((line) => /^(x \w+ \w+|i )/.test(line));
      // The laptop forgets the platforms of an index that are not stored: nothing there could go or stay.
      const matters = said.filter((line) => expected.includes(line) || blobs.has(line.split(' ').at(-1) ?? ''));
      expect([...new Set(matters)].toSorted()).toEqual(expected.toSorted());
      expect(stdout).toMatch(/\nend\n$/);
    }
  });

  it('gives the same list and prunes alike', async () => {
    await stand.fill('ghcr.io', 'team/app1', '1');
    await stand.fill('docker.io', 'library/app1', '1');
    const byName = async (each: Host) =>
      (await list(each)).images.toSorted((a, b) => imageName(a).localeCompare(imageName(b)));
    expect(await byName(small)).toEqual(await byName(host));
    await setTimeoutPastSecond();
    const policy = { kind: 'images' as const, images: ['ghcr.io/team/app1:1'] };
    const preview = await previewPrune(small, stand.spec, policy, now);
    expect(await prune(policy, small)).toMatchObject({
      state: 'done',
      outcome: { images: 1, freedBytes: preview.freedBytes, blobs: preview.blobs },
    });
    expect(await stand.pull('mirror docker.io', 'library/app1', '1')).toMatchObject({
      status: 200,
      digestsRight: true,
    });
  });
});

/** Busybox knows times to the second only; what changed within the snapshot's own second counts as used since. */
async function setTimeoutPastSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) <= second + 1) await new Promise((resolve) => setTimeout(resolve, 50));
}
