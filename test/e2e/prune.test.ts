import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cacheListSchema, prunePreviewSchema } from '../../preload/contract/cache.ts';
import { taskSchema } from '../../preload/contract/task.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { hostKeyOf, openStory, type Product } from './product.ts';

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
    expect(kept.preview.kept.join('\n')).toContain(`${large} was used within the last hour`);
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
  });

  test('to a size: the least recently used go until it fits', async () => {
    // A pull is stored a moment after it was served; what is half stored is nobody's image yet.
    await expect.poll(async () => names((await list()).images), { timeout: 15_000 }).toContain(large);
    const before = await list();
    const target = Math.floor(before.bytes / 2);
    const { preview, task } = await prune('--to-size', String(target), '--grace', '0s', '--yes');
    expect(preview.victims.length).toBeGreaterThan(0);
    expect(task?.outcome?.['freedBytes']).toBe(preview.freedBytes);
    const after = await list();
    expect(after.bytes).toBeLessThanOrEqual(target);
    expect(after.bytes).toBe(await duOnServer());
    expect(before.bytes - after.bytes).toBe(preview.freedBytes);
  });

  test('while everything is pruned again and again, no pull is served broken', async () => {
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
      if (task) expect(Number(task.outcome?.['freedBytes'])).toBeLessThanOrEqual(preview.freedBytes);
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
