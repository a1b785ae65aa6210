import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { cacheListSchema, prunePreviewSchema } from '../../preload/contract/cache.ts';
import { taskSchema } from '../../preload/contract/task.ts';
import { startCommand } from '../e2e/node-command.ts';
import { forgetImages, hostKeyOf, openStory, type Product } from '../e2e/product.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { chanceOf } from '../pages/world/chance.ts';
import { EdgePuller } from './edge-puller.ts';
import { HeldPrune, type PruneVictim } from './held-prune.ts';
import { amount, full, seed } from './length.ts';

const chance = chanceOf(`crash-prune ${seed}`);
const victims = ['script', 'connection', 'core', 'server'] as const;
const pinned = 'docker.io/library/nginx:alpine';
const images = [
  pinned,
  'docker.io/library/nginx:1.27',
  'docker.io/library/alpine:3.20',
  'docker.io/library/busybox:latest',
  'docker.io/bitnami/redis:7.4',
  'ghcr.io/org/app:v1',
  'ghcr.io/library/nginx:alpine',
  'quay.io/prometheus/busybox:latest',
  'registry.k8s.io/pause:3.10',
];
const everything = ['cache', 'prune', 'alpha', '--all', '--grace', '0s', '--yes'];
const sudo = { input: 'dev-sudo-pw\n' };

let lab: Lab;
let alpha: Machine;
let product: Product;
let held: HeldPrune;
let puller: EdgePuller;
let steps: string[];
/** Milliseconds on the server of a prune that nobody disturbs. */
let lasted: number;
/** What each tag names at its upstream. */
const digests = new Map<string, string | undefined>();
const recoveries: number[] = [];
let deaths = 0;

const waiting = (): Promise<number> => held.waiting();
const onAlpha = (script: string): Promise<string> => alpha.mustExec(['sh', '-ec', script]);
const listed = async () => cacheListSchema.parse(await product.json(['cache', 'list', 'alpha']));
const names = async (): Promise<string[]> =>
  (await listed()).images.map(({ upstream, repository, tag }) => `${upstream}/${repository}:${tag ?? ''}`).toSorted();
const workFolders = (): Promise<string> => onAlpha('ls -d /tmp/mirrorfleet-* 2>/dev/null || true');

beforeAll(async () => {
  lab = await attachLab();
  ({ server: alpha, product } = await openStory(lab, 'alpha'));
  held = new HeldPrune(alpha);
  await product.must(['settings', 'vault', 'key-file']);
  await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha)]);
  await product.must(['node', 'apply', 'alpha', '--yes']);
  await product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], sudo);
  puller = await EdgePuller.of(product.laptop, alpha.ip);
  for (const image of images) digests.set(image, await puller.pull(image));
  // A client has the last byte a moment before the disk has it.
  await vi.waitFor(async () => expect(await names()).toEqual(expect.arrayContaining(images)), 20_000);
  await withoutUpstreams(() =>
    vi.waitFor(
      async () => expect(await Promise.all(images.map((each) => puller.pull(each)))).toEqual([...digests.values()]),
      20_000,
    ),
  );
  await product.must(['cache', 'pin', 'alpha', pinned]);
  await held.install();
  await onAlpha('rm -rf /var/tmp/full; cp -a /opt/mirrorfleet/data /var/tmp/full');
  await held.order(0);
  [lasted] = await Promise.all([held.lasted(), product.must(everything)]);
  steps = await held.steps();
  console.log(`seed ${seed}; ${lasted} ms; steps of a prune: ${steps.join(', ')}`);
});

afterAll(async () => {
  const times = recoveries.toSorted((a, b) => a - b);
  console.log(
    `${deaths} deaths, the next prune ${times[Math.floor(times.length / 2)]} ms, at worst ${times.at(-1)} ms`,
  );
  await lab.internet.gate.restore();
  await held.uninstall();
  await onAlpha('rm -rf /var/tmp/full');
  await product.run(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], sudo);
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await forgetImages(product.laptop);
  await product.laptop.exec(['rm', '-rf', product.home]);
});

/** Prunes the full cache, kills whom it shall when `moment` comes, and looks at what is left; then prunes once more. */
async function dieAndRecover(
  victim: PruneVictim,
  how: string,
  moment: () => Promise<number | undefined>,
): Promise<void> {
  await onAlpha('cp -a -n /var/tmp/full/. /opt/mirrorfleet/data/');
  const command = await startCommand(product.laptop, 'story-alpha', everything);
  try {
    const pid = await Promise.race([moment(), command.ended.then(() => undefined)]);
    if (victim === 'server') await alpha.reboot();
    else if (victim === 'core') await command.signal('KILL').catch(() => undefined);
    else if (pid !== undefined) await (victim === 'script' ? held.killScript(pid) : held.killConnection(pid));
  } finally {
    await held.release();
  }
  const { code, output } = await command.ended;
  if (code !== 0) deaths += 1;
  // At a random time the prune may have ended before; one that was held has not.
  if (moment === waiting) expect(code, `${how}: ${output}`).not.toBe(0);
  await held.ended();
  await expectNothingBroken(how);
  const began = Date.now();
  const schema = z.object({ preview: prunePreviewSchema, task: taskSchema.optional() });
  await held.order(0);
  const { preview, task } = schema.parse(await product.json(everything));
  recoveries.push(Date.now() - began);
  expect(task?.state ?? 'done', how).toBe('done');
  expect(task?.outcome?.['freedBytes'] ?? 0, how).toBe(preview.freedBytes);
  await expectOnlyPinned(how);
}

/** With every upstream cut off: what is listed pulls whole, what is not is not there, and the pinned image is listed. */
async function expectNothingBroken(how: string): Promise<void> {
  const left = await names();
  expect(left, how).toContain(pinned);
  await withoutUpstreams(async () => {
    // After a power cut each mirror of the node needs its own moments until it is up; what is broken stays broken meanwhile.
    for (const image of images)
      await expect
        .poll(() => puller.pull(image).catch(String), { message: `${how}: ${image}` })
        .toBe(left.includes(image) ? digests.get(image) : undefined);
  });
}

async function withoutUpstreams(work: () => Promise<unknown>): Promise<void> {
  for (const upstream of ['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io'] as const)
    await lab.internet.gate.cut(upstream);
  try {
    await work();
  } finally {
    await lab.internet.gate.restore();
  }
}

/** Exactly the pinned image, byte by byte of the disk, and nothing of ours beside. */
async function expectOnlyPinned(how: string): Promise<void> {
  const after = await listed();
  expect(await names(), how).toEqual([pinned]);
  const files = await onAlpha('cd /opt/mirrorfleet/data/blobs && find . -type f -name data | wc -l');
  expect(Number(files), how).toBe(after.blobs);
  expect(await previewOf(), how).toMatchObject({ freedBytes: 0, blobs: 0 });
  expect(await workFolders(), how).toBe('');
  expect(await onAlpha('ls -A /opt/mirrorfleet | grep -x lock || true'), how).toBe('');
}

async function previewOf(): Promise<unknown> {
  const said = await product.json([...everything.filter((each) => each !== '--yes'), '--dry-run']);
  return z.object({ preview: prunePreviewSchema }).parse(said).preview;
}

test('a prune that is killed in the middle of any step leaves no broken image, and the next one ends it', async () => {
  const cases = steps.flatMap((name, at) => victims.map((victim) => ({ victim, at: at + 1, name })));
  const few = victims.map((victim, turn) => {
    const part = Math.floor(((turn + chance()) * steps.length) / victims.length);
    return { victim, at: part + 1, name: steps[part] };
  });
  for (const { victim, at, name } of full ? cases : few) {
    await held.order(at);
    await dieAndRecover(victim, `${victim} killed in step ${at} (${name})`, waiting);
  }
});

test('a prune that is killed at random times leaves no broken image, and the next one ends it', async () => {
  const before = deaths;
  const few = amount(2, 55);
  // The blow itself takes a moment; one that comes when the prune has ended is no death.
  for (let turn = 0; turn < few || (deaths === before && turn < 5 * few); turn++) {
    const victim = victims[Math.floor(chance() * victims.length)] ?? 'script';
    const ms = Math.round(chance() * 0.6 * lasted);
    await dieAndRecover(victim, `${victim} killed ${ms} ms after a prune began`, () => held.working(ms));
  }
  expect(deaths, 'killed while it ran').toBeGreaterThan(before);
});
