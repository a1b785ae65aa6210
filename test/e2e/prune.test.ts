import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cacheListSchema, prunePreviewSchema, scheduleViewSchema } from '../../preload/contract/cache.ts';
import { taskSchema } from '../../preload/contract/task.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { forgetImages, hostKeyOf, openStory, type Product } from './product.ts';

let lab: Lab;
let alpha: Machine;
let product: Product;
const large = 'docker.io/library/nginx:alpine';
const pruneSchema = z.object({ preview: prunePreviewSchema, task: taskSchema.optional() });

beforeAll(async () => {
  lab = await attachLab();
  ({ server: alpha, product } = await openStory(lab, 'alpha'));
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await product.must(['settings', 'vault', 'key-file']);
  await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha)]);
  await product.must(['node', 'apply', 'alpha', '--yes']);
  await product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
});

afterAll(async () => {
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await product.run(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await forgetImages(product.laptop);
  await product.laptop.exec(['sh', '-c', 'rm -rf /home/dev/story-alpha']);
});

async function pull(reference: string): Promise<{ code: number; stderr: string }> {
  await product.laptop.exec(['docker', 'rmi', '-f', reference]);
  return product.laptop.exec(['docker', 'pull', '-q', reference], { user: 'dev', timeoutMs: 60_000 });
}

async function mustPull(...references: string[]): Promise<void> {
  for (const reference of references) expect(await pull(reference)).toMatchObject({ code: 0 });
}

/** What the cache's files take on the server's disk, as du counts them, in bytes. */
async function duOnServer(): Promise<number> {
  const said = await alpha.mustExec([
    'sh',
    '-c',
    'find /opt/mirrorfleet/data -type f -path "*/blobs/*" -name data -printf "%b\\n" | awk "{s += \\$1} END {print s * 512}"',
  ]);
  return Number(said.trim());
}

const list = async () => cacheListSchema.parse(await product.json(['cache', 'list', 'alpha']));
const names = (found: readonly { upstream: string; repository: string; tag?: string | undefined }[]) =>
  found.map((each) => `${each.upstream}/${each.repository}:${each.tag ?? ''}`).toSorted();
async function prune(...words: string[]) {
  return pruneSchema.parse(await product.json(['cache', 'prune', 'alpha', ...words]));
}

describe('Freeing a node', () => {
  test('the list names what was pulled, with sizes that du agrees with', async () => {
    await mustPull('nginx:alpine', `${alpha.ip}/ghcr.io/library/nginx:alpine`, 'busybox:latest');
    const found = await list();
    expect(names(found.images)).toEqual(
      expect.arrayContaining([large, 'ghcr.io/library/nginx:alpine', 'docker.io/library/busybox:latest']),
    );
    expect(found.bytes).toBe(await duOnServer());
    const text = await product.must(['cache', 'list', 'alpha']);
    expect(text).toMatch(/^IMAGE +SIZE +ALONE +LAST PULL +PLATFORMS$/m);
    expect(text).toMatch(
      /^docker\.io\/library\/nginx:alpine +[\d.]+ [kM]B +[\d.]+ [kM]?B +\d+ (s|min) ago +linux\/amd64$/m,
    );
  });

  test('within the grace nothing goes, and it is said why', async () => {
    const before = await duOnServer();
    const kept = await prune('--all', '--yes');
    expect(kept.preview.victims).toEqual([]);
    expect(kept.preview.kept).toContainEqual({ code: 'image-used-within-hour', values: { image: large } });
    expect(kept.task).toBeUndefined();
    expect(await duOnServer()).toBe(before);
    expect(await product.must(['cache', 'prune', 'alpha', '--all', '--yes'])).toContain('Nothing to free');
  });

  test('a preview changes nothing, and nothing younger than asked goes', async () => {
    const before = await list();
    expect((await prune('--image', large, '--grace', '0s', '--dry-run')).preview.freedBytes).toBeGreaterThan(1_000_000);
    expect((await prune('--older-than', '1h', '--grace', '0s', '--yes')).preview.victims).toEqual([]);
    expect(names((await list()).images)).toEqual(names(before.images));
    const missing = await product.run(['cache', 'prune', 'alpha', '--image', 'docker.io/library/nothing:1', '--yes']);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('image-not-cached');
  });

  test('one image goes alone: the bytes of its preview are freed on the disk', async () => {
    const before = await duOnServer();
    const { preview, task } = await prune('--image', large, '--grace', '0s', '--yes');
    expect(names(preview.victims)).toEqual([large]);
    expect(task?.outcome?.['freedBytes']).toBe(preview.freedBytes);
    expect(before - (await duOnServer())).toBe(preview.freedBytes);
    await mustPull('nginx:alpine');
    // A pull is stored a moment after it was served, for a while twice: as the upload and as the blob.
    await expect.poll(duOnServer, { timeout: 15_000 }).toBe(before);
  });

  test('to a size: the least recently used go until it fits', async () => {
    await expect.poll(async () => names((await list()).images), { timeout: 15_000 }).toContain(large);
    const before = await list();
    expect(before.bytes).toBe(await duOnServer());
    const target = Math.floor(before.bytes / 2);
    const { preview, task } = await prune('--to-size', String(target), '--grace', '0s', '--yes');
    expect(preview.victims.length, JSON.stringify(preview)).toBeGreaterThan(0);
    expect(task?.outcome?.['freedBytes']).toBe(preview.freedBytes);
    const after = await list();
    expect(after.bytes).toBeLessThanOrEqual(target);
    expect(after.bytes).toBe(await duOnServer());
    expect(before.bytes - after.bytes).toBe(preview.freedBytes);
  });

  test('while everything is pruned again and again, no pull is served broken', async () => {
    await mustPull('nginx:alpine');
    const { images } = await list();
    const whole = images.find(({ repository, upstream }) => upstream === 'docker.io' && repository === 'library/nginx');
    expect(whole?.bytes).toBeGreaterThan(0);
    let pruning = true;
    const failures: string[] = [];
    let pulls = 0;
    const pulling = (async () => {
      while (pruning || pulls < 4) {
        const said = await pull('nginx:alpine');
        pulls += 1;
        if (said.code !== 0) failures.push(said.stderr);
      }
    })();
    for (let round = 0; round < 4; round += 1) {
      const { preview, task } = await prune('--all', '--grace', '0s', '--yes');
      expect(task?.state ?? 'done').toBe('done');
      // A pull that ended after the preview was made has brought the image once more, and no more than that.
      expect(Number(task?.outcome?.['freedBytes'] ?? 0)).toBeLessThanOrEqual(preview.freedBytes + (whole?.bytes ?? 0));
    }
    pruning = false;
    await pulling;
    console.log(`${pulls} pulls during 4 prunes, ${failures.length} failed ${failures.join(' | ')}`);
    for (const failure of failures) expect(failure).not.toMatch(/digest|verif|corrupt|unexpected EOF/i);
    await mustPull('nginx:alpine');
    expect(
      await product.laptop.mustExec([
        'docker',
        'run',
        '--rm',
        'nginx:alpine',
        'cat',
        '/usr/share/nginx/html/index.html',
      ]),
    ).toContain('nginx alpine');
  });

  test('everything goes at last; with the upstream down what is gone is a clean answer, not a broken pull', async () => {
    const { preview, task } = await prune('--all', '--grace', '0s', '--yes');
    expect(task?.outcome?.['freedBytes']).toBe(preview.freedBytes);
    expect(await list()).toMatchObject({ images: [], bytes: 0, blobs: 0 });
    expect(await duOnServer()).toBe(0);
    expect(await product.must(['cache', 'list', 'alpha'])).toContain('Nothing is cached on alpha yet');
    await lab.internet.gate.cut('docker.io');
    const said = await pull(`${alpha.ip}/docker.io/library/nginx:alpine`);
    expect(said.code).toBe(1);
    expect(said.stderr).toMatch(/not found|manifest unknown/i);
    expect(said.stderr).not.toMatch(/digest|EOF|corrupt/);
    await lab.internet.gate.restore('docker.io');
    await mustPull('nginx:alpine');
  });
});

describe('A node that looks after itself', () => {
  const onAlpha = (script: string) => alpha.mustExec(['sh', '-c', script]);
  const scheduled = async () => scheduleViewSchema.parse(await product.json(['cache', 'schedule', 'alpha']));

  test('what is pinned stays, whatever is pruned, and is a line in a file that anybody can read', async () => {
    await mustPull('nginx:alpine', 'busybox:latest');
    expect(await product.must(['cache', 'pin', 'alpha', 'nginx:alpine'])).toBe(`${large}\n`);
    expect(await onAlpha('grep -v "^#" /opt/mirrorfleet/pins')).toBe(`${large}\n`);
    expect(await product.must(['cache', 'list', 'alpha'])).toMatch(
      /^docker\.io\/library\/nginx:alpine {2}\(pinned\) /m,
    );
    const { preview } = await prune('--all', '--grace', '0s', '--yes');
    expect(preview.kept).toContainEqual({ code: 'image-pinned', values: { image: large } });
    expect(names((await list()).images)).toEqual([large]);
    const missing = await product.run(['cache', 'unpin', 'alpha', 'busybox']);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stderr).toContain('not-pinned');
  });

  test('it prunes itself by a timer of its own, obeys the pins, and says how it went', async () => {
    expect(await product.must(['cache', 'schedule', 'alpha'])).toContain('alpha does not prune itself');
    const said = await product.must([
      'cache',
      'schedule',
      'alpha',
      '--at',
      '03:30',
      '--unused',
      '30d',
      '--keep',
      '20GB',
      '--free',
      '20',
    ]);
    expect(said).toContain('alpha prunes itself at 03:30 by its clock: images unused for 30 d');
    expect(said).toContain('Started by systemd: /opt/mirrorfleet/schedule/prune.sh');
    expect(await scheduled()).toMatchObject({
      by: 'systemd',
      schedule: { at: '03:30', unusedDays: 30, keepBytes: 20_000_000_000, freePercent: 20 },
    });
    await mustPull('busybox:latest');
    await expect.poll(async () => names((await list()).images), { timeout: 15_000 }).toHaveLength(2);
    await product.must(['cache', 'schedule', 'alpha', '--at', '04:00', '--keep', '1kB']);
    await onAlpha('echo grace_seconds=0 >> /opt/mirrorfleet/schedule/rules');
    const before = await duOnServer();
    await onAlpha('systemctl start mirrorfleet-prune.service');
    expect(names((await list()).images)).toEqual([large]);
    const { lastRun } = await scheduled();
    expect(lastRun).toMatchObject({ failed: false, images: 1 });
    expect(before - (await duOnServer())).toBe(lastRun?.freedBytes);
    // Neither pins nor schedule are a change of the node.
    expect(await product.must(['node', 'plan', 'alpha'])).toMatch(/nothing to do/i);
    expect(await product.must(['cache', 'schedule', 'alpha', '--off'])).toContain('alpha does not prune itself');
    expect((await alpha.exec(['systemctl', 'cat', 'mirrorfleet-prune.timer'])).code).not.toBe(0);
    expect(await product.run(['cache', 'schedule', 'alpha', '--at', '25:00'])).toMatchObject({ code: 2 });
    expect(await product.run(['cache', 'schedule', 'alpha', '--at', '03:30'])).toMatchObject({ code: 2 });
  });

  test('a file that the disk damaged is found, and repaired by the next pull', async () => {
    await mustPull('nginx:alpine');
    // By this name there is no way past the mirror: Docker goes to the upstream itself where a mirror of it fails.
    const direct = `${alpha.ip}/docker.io/library/nginx:alpine`;
    const file = (await onAlpha('find /opt/mirrorfleet/data/blobs -name data -size +1000k | head -n 1')).trim();
    expect(await product.must(['cache', 'scrub', 'alpha'])).toContain('every one is what its digest says');
    // Layers that this computer has already, by whatever name, would not be fetched.
    await forgetImages(product.laptop);
    await onAlpha(`printf X | dd of=${file} bs=1 seek=500000 conv=notrunc status=none`);
    expect((await pull(direct)).code).toBe(1);
    const found = await product.must(['cache', 'scrub', 'alpha']);
    expect(found).toContain('1 damaged');
    expect(found).toMatch(/^Needed by .*docker\.io\/library\/nginx:alpine/m);
    expect((await pull(direct)).code).toBe(1);
    expect(await product.must(['cache', 'scrub', 'alpha', '--repair'])).toContain('1 removed');
    await mustPull(direct);
    const hex = file.split('/').at(-2) ?? '';
    await expect.poll(async () => (await alpha.exec(['sha256sum', file])).stdout.slice(0, 64)).toBe(hex);
  });

  test('all nodes at once: a list and a preview of each, their sum, and each pruned by itself', async () => {
    const beta = await lab.machine('beta');
    await product.must(['node', 'add', 'beta', `ops@${beta.ip}`, '--accept-host-key', await hostKeyOf(beta)]);
    await product.must(['node', 'apply', 'beta', '--yes']);
    try {
      await product.must(['cache', 'unpin', 'alpha', large]);
      const all = await product.must(['cache', 'list', '--all-nodes']);
      expect(all).toMatch(/^alpha:\nIMAGE /m);
      expect(all).toMatch(/^beta:\nIMAGE /m);
      expect(all).toMatch(/^Together: \d+ images, [\d.]+ [kM]B on 2 nodes$/m);
      const dry = await product.must(['cache', 'prune', '--all-nodes', '--all', '--grace', '0s', '--dry-run']);
      expect(dry).toMatch(/^Together: frees [\d.]+ [kM]B on 2 nodes, \d+ images\.$/m);
      expect(names((await list()).images)).toContain(large);
      await beta.mustExec(['sh', '-c', 'echo "not a pin" > /opt/mirrorfleet/pins']);
      const half = await product.run(['cache', 'prune', '--all-nodes', '--all', '--grace', '0s', '--yes']);
      expect(half).toMatchObject({ code: 1 });
      expect(half.stderr).toContain('pins-unclear');
      expect(half.stderr).toContain('1 of 2 nodes failed (beta)');
      expect((await list()).images).toEqual([]);
      await beta.mustExec(['rm', '/opt/mirrorfleet/pins']);
      await product.must(['cache', 'prune', '--all-nodes', '--all', '--grace', '0s', '--yes']);
      expect(await product.json(['cache', 'list', 'beta'])).toMatchObject({ images: [], bytes: 0 });
      expect(await product.run(['cache', 'list'])).toMatchObject({ code: 2 });
    } finally {
      await product.run(['node', 'remove', 'beta', '--yes']);
    }
  });

  test('its removal takes the schedule along, and a kept cache keeps its pins', async () => {
    await product.must(['cache', 'pin', 'alpha', 'nginx']);
    await product.must(['cache', 'schedule', 'alpha', '--unused', '7d']);
    await product.must(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
    await product.must(['node', 'remove', 'alpha', '--keep-cache', '--yes']);
    expect(await onAlpha('ls -A /opt/mirrorfleet; ls -d /etc/systemd/system/mirrorfleet* 2>/dev/null; true')).toBe(
      'data\npins\n',
    );
    await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha)]);
    await product.must(['node', 'apply', 'alpha', '--yes']);
    expect(await product.must(['cache', 'pins', 'alpha'])).toBe('docker.io/library/nginx\n');
    await product.must(['node', 'remove', 'alpha', '--yes']);
    expect(await onAlpha('ls -A /opt/mirrorfleet 2>/dev/null; true')).toBe('');
  });
});
