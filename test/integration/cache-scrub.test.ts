import { chmod, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listCache, runPrune } from '../../main/cache/node-cache.ts';
import { scrubCache } from '../../main/cache/scrub.ts';
import type { Host } from '../../main/hosts/host.ts';
import { hostRunning } from '../../main/hosts/host-running.ts';
import { localHost } from '../../main/hosts/local-host.ts';
import { Tasks } from '../../main/tasks/tasks.ts';
import type { Task } from '../../preload/contract/task.ts';
import { CacheStand, digestOf, layerOf } from './cache-stand.ts';

const host = localHost();
const layer = layerOf(400_000);
const other = layerOf(50_000);
const whole = { status: 200, at: 'done', digestsRight: true };
let stand: CacheStand;
let index: string;

const fileOf = (digest: string): string => {
  const hex = digest.slice('sha256:'.length);
  return join(stand.base, 'data/blobs/sha256', hex.slice(0, 2), hex, 'data');
};

function scrub(repair: boolean, through: Host = host): Promise<Task> {
  return new Tasks(() => {}).run({ kind: 'scrub', subject: 'tokyo', title: 'Scrub' }, (job) =>
    scrubCache(through, stand.spec, repair, job),
  );
}

/** Changes one byte in the middle of a file, its length and times staying. */
async function rot(digest: string): Promise<void> {
  const before = await stat(fileOf(digest));
  const bytes = await readFile(fileOf(digest));
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(fileOf(digest), bytes);
  await utimes(fileOf(digest), before.atime, before.mtime);
}

beforeAll(async () => {
  stand = await CacheStand.start(['docker.io', 'ghcr.io']);
  index = await stand.push('docker.io', 'library/one', '1', [[layer], [other]]);
  await stand.push('ghcr.io', 'team/two', '1', [[layer, other]]);
});
afterAll(async () => {
  await stand.close();
});
beforeEach(async () => {
  await new Tasks(() => {}).run({ kind: 'prune', subject: 'tokyo', title: 'Prune' }, async (context) => {
    await runPrune(host, stand.spec, { kind: 'all' }, context, { graceSeconds: 0 });
  });
  expect(await stand.fill('docker.io', 'library/one', '1')).toEqual(whole);
  expect(await stand.fill('ghcr.io', 'team/two', '1')).toEqual(whole);
});

describe('checking the files of a cache', () => {
  it('reads every one, finds none wrong, and makes no image look used', async () => {
    const before = await listCache(host, stand.spec);
    const task = await scrub(true);
    expect(task).toMatchObject({
      state: 'done',
      outcome: { files: before.blobs, damaged: 0, unreadable: 0, removed: 0 },
    });
    expect(task.outcome?.['bytes']).toBeGreaterThan(layer.length + other.length);
    expect(await listCache(host, stand.spec)).toEqual(before);
  });

  it('finds a damaged layer, names the images, and only repair removes it, to be fetched again with the right bytes', async () => {
    await rot(digestOf(layer));
    expect(await stand.pull('mirror docker.io', 'library/one', '1')).toMatchObject({ digestsRight: false });
    const found = await scrub(false);
    expect(found.outcome).toMatchObject({
      damaged: 1,
      unreadable: 0,
      images: 'docker.io/library/one:1, ghcr.io/team/two:1',
    });
    expect(found.outcome).not.toHaveProperty('removed');
    expect(await stand.pull('mirror docker.io', 'library/one', '1')).toMatchObject({ digestsRight: false });
    expect(await scrub(true)).toMatchObject({ state: 'done', outcome: { damaged: 1, removed: 1 } });
    await expect(stat(fileOf(digestOf(layer)))).rejects.toThrow(/ENOENT/);
    // Both upstreams' links went with it, so both fetch it again, each from its own upstream.
    expect(await stand.fill('docker.io', 'library/one', '1')).toEqual(whole);
    expect(await stand.fill('ghcr.io', 'team/two', '1')).toEqual(whole);
    expect(digestOf(await readFile(fileOf(digestOf(layer))))).toBe(digestOf(layer));
    expect((await scrub(false)).outcome).toMatchObject({ damaged: 0 });
  });

  it('repairs an empty file and a damaged manifest; with the upstream down that image is a clean 404', async () => {
    await writeFile(fileOf(digestOf(other)), '');
    await rot(index);
    expect((await scrub(false)).outcome).toMatchObject({ damaged: 2 });
    expect((await scrub(true)).outcome).toMatchObject({ damaged: 2, removed: 2 });
    await stand.stop('upstream docker.io');
    expect(await stand.pull('mirror docker.io', 'library/one', '1')).toMatchObject({ status: 404, at: 'manifest' });
    await stand.startUpstream('docker.io');
    expect(await stand.fill('docker.io', 'library/one', '1')).toEqual(whole);
    expect(await stand.fill('ghcr.io', 'team/two', '1')).toEqual(whole);
    expect((await scrub(false)).outcome).toMatchObject({ damaged: 0 });
  });

  it('says what it could not read and never removes it', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'mirrorfleet-unreadable-'));
    try {
      // A disk that fails: reading this one file ends in an error, whoever reads.
      const hex = digestOf(layer).slice('sha256:'.length);
      const real = '/usr/bin/sha256sum';
      await writeFile(
        join(bin, 'sha256sum'),
        String.raw`#!/bin/sh
if [ $# = 0 ]; then
  case $(readlink /proc/self/fd/0) in */${hex}/data) exit 1;; esac
  exec ${real}
fi
code=0
for file; do case $file in */${hex}/data) code=1;; *) ${real} "$file";; esac; done
exit $code
`,
      );
      await chmod(join(bin, 'sha256sum'), 0o755);
      for (const tool of ['sh', 'env']) await symlink(`/usr/bin/${tool}`, join(bin, tool));
      const failing = hostRunning(host, (command) =>
        host.run({ ...command, argv: ['env', `PATH=${bin}:${process.env['PATH'] ?? ''}`, ...command.argv] }),
      );
      await rot(digestOf(other));
      const task = await scrub(true, failing);
      expect(task).toMatchObject({ state: 'done', outcome: { damaged: 1, unreadable: 1, removed: 1 } });
      expect(digestOf(await readFile(fileOf(digestOf(layer))))).toBe(digestOf(layer));
      await expect(stat(fileOf(digestOf(other)))).rejects.toThrow(/ENOENT/);
    } finally {
      await rm(bin, { recursive: true, force: true });
    }
  });
});
