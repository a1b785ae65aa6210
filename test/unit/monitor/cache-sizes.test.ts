import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import { parseCacheSizes, readCacheSizes } from '../../../main/monitor/machine-facts.ts';

const upstreams = ['docker.io', 'ghcr.io', 'registry.example:5000'];
const KiB = 1024;

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cache sizes-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const hexOf = (letter: string) => letter.repeat(64);

async function lay(path: string, content: string | Uint8Array): Promise<void> {
  const file = join(base, 'data', path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
}

/** Whole blocks of any file system, so that what it takes is what it holds. */
const blob = (letter: string, kib: number) =>
  lay(`blobs/sha256/${letter}${letter}/${hexOf(letter)}/data`, new Uint8Array(kib * KiB).fill(7));

const link = (storage: string, repository: string, place: string, letter: string) =>
  lay(`${storage}/docker/registry/v2/repositories/${repository}/${place}/sha256/${hexOf(letter)}/link`, hexOf(letter));

const read = () =>
  readCacheSizes(localHost('here'), nodeLayout({ base }), upstreams, {
    elevated: false,
    signal: new AbortController().signal,
  });

describe("the sizes of a node's cache", () => {
  it('are of the blobs that each upstream links: once for each upstream, however many of its images share them', async () => {
    await Promise.all([blob('a', 64), blob('b', 256), blob('c', 1024), blob('d', 512)]);
    await link('docker.io', 'library/busybox', '_manifests/revisions', 'a');
    await link('docker.io', 'library/busybox', '_layers', 'b');
    await link('docker.io', 'library/alpine', '_layers', 'b');
    await link('registry.example_5000', 'team/app', '_layers', 'b');
    await link('registry.example_5000', 'team/app', '_layers', 'c');
    await link('registry.example_5000', 'team/app', '_layers', 'e');
    await link('registry.example_5000', 'team/app', '_uploads/x/_layers', 'd');
    const sizes = await read();
    expect(Object.fromEntries(sizes?.upstreams ?? [])).toEqual({
      'docker.io': 320 * KiB,
      'ghcr.io': 0,
      'registry.example:5000': 1280 * KiB,
    });
    expect(sizes?.bytes).toBeGreaterThanOrEqual(1856 * KiB);
    expect(sizes?.bytes).toBeLessThan(1956 * KiB);
  });

  it('are not known where the store is not there, and are not taken from other words', async () => {
    expect(await read()).toBeUndefined();
    expect(parseCacheSizes('upstream\tdocker.io\t7\n', upstreams)).toBeUndefined();
    const said = 'Welcome!\ntotal\t9\nupstream\tdocker.io\t7\nupstream\tgone.example\t3\nupstream\tghcr.io\n';
    expect(parseCacheSizes(said, upstreams)).toEqual({ bytes: 9, upstreams: new Map([['docker.io', 7]]) });
  });
});
