import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, cachedBuild } from '../cached-build.ts';
import { busyboxFiles } from './busybox-files.ts';
import { type PlatformImage, containerImage, platformImage } from './container-image.ts';
import { writeDockerArchive } from './docker-archive.ts';
import { buildEnvoyImage, envoyImageName } from './envoy-image.ts';
import { makeLayer } from './layer.ts';
import { buildRegistryImage, registryImageName } from './registry-image.ts';
import { storeImage } from './registry-storage.ts';
import { armFiles, seedCatalogue } from './seed-catalogue.ts';
import { type SeededImage, describeImage } from './seeded-image.ts';

const folderPrefix = 'internet-seed-';

export const canaryImageName = 'library/canary:1';

/** Image files to load without a registry: `docker load -i`. */
export interface ImageArchives {
  readonly registry: string;
  readonly envoy: string;
  /** `docker.io/library/canary:1`: sleeps for ever; the container on the laptop that must survive every switch. */
  readonly canary: string;
}

export interface Seed {
  /** One `registry` storage root per upstream, in folders named after them. Never written to: runs copy it. */
  readonly folder: string;
  readonly archives: ImageArchives;
  readonly images: readonly SeededImage[];
}

/** What the seed is built from; the images that a node runs carry `authorityFile` in their trust store. */
export interface SeedSources {
  readonly registryBinary: string;
  readonly envoyBinary: string;
  readonly authorityFile: string;
}

/** Returns the cached seed, building it (some seconds) when its builders, programs or authorities have changed. */
export async function preparedSeed(sources: SeedSources): Promise<Seed> {
  const folder = await cachedBuild(`${folderPrefix}${await contentKey(sources)}`, async (partial) => {
    await buildSeed(partial, sources);
    await removeOldSeeds();
  });
  const archive = (name: string): string => join(folder, `${name}.tar`);
  const images: unknown = JSON.parse(await readFile(join(folder, 'images.json'), 'utf8'));
  return {
    folder,
    archives: { registry: archive('registry'), envoy: archive('envoy'), canary: archive('canary') },
    images: images as readonly SeededImage[],
  };
}

/** A seed is 350 MB: those a day old go when a new one comes. Younger ones may serve a running lab. */
async function removeOldSeeds(): Promise<void> {
  for (const name of await readdir(cacheFolder())) {
    if (!name.startsWith(folderPrefix)) continue;
    const path = join(cacheFolder(), name);
    if (Date.now() - (await stat(path)).mtimeMs > 24 * 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

async function buildSeed(folder: string, sources: SeedSources): Promise<void> {
  const seeded: SeededImage[] = [];
  for (const { upstream, repository, tags, format, architectures, layers, run } of await seedCatalogue()) {
    const platforms = architectures.map((name) => platformImage(format, name, layers(name), run));
    const image = containerImage(format, platforms);
    await storeImage(join(folder, upstream), repository, tags, image);
    seeded.push(describeImage(upstream, repository, tags, image));
  }
  const programs = [
    {
      file: 'registry.tar',
      name: registryImageName,
      image: await buildRegistryImage(sources.registryBinary, sources.authorityFile),
    },
    {
      file: 'envoy.tar',
      name: envoyImageName,
      image: await buildEnvoyImage(sources.envoyBinary, sources.authorityFile),
    },
  ];
  for (const { file, name, image } of programs) {
    await writeDockerArchive(join(folder, file), image, `docker.io/${name}`);
    const published = containerImage('oci', [image, platformImage('oci', 'arm64', [makeLayer(armFiles())], {})]);
    const [repository = '', tag = ''] = name.split(':');
    await storeImage(join(folder, 'docker.io'), repository, [tag], published);
    seeded.push(describeImage('docker.io', repository, [tag], published));
  }
  await writeDockerArchive(join(folder, 'canary.tar'), await canaryImage(), `docker.io/${canaryImageName}`);
  await writeFile(join(folder, 'images.json'), JSON.stringify(seeded, null, 2));
}

async function canaryImage(): Promise<PlatformImage> {
  const run = { Cmd: ['sleep', '2147483647'], Env: ['PATH=/bin'], StopSignal: 'SIGKILL' };
  return platformImage('docker', 'amd64', [makeLayer(await busyboxFiles())], run);
}

/** Changes with the builders' own sources, so nobody has to remember to raise a version. */
async function contentKey({ registryBinary, envoyBinary, authorityFile }: SeedSources): Promise<string> {
  const hash = createHash('sha256');
  const here = import.meta.dirname;
  const sources = (await readdir(here)).sort().map((name) => join(here, name));
  for (const file of [...sources, authorityFile, '/etc/ssl/certs/ca-certificates.crt'])
    hash.update(await readFile(file));
  for (const program of [registryBinary, envoyBinary, '/bin/busybox']) {
    const { size, mtimeMs } = await stat(program);
    hash.update(`${program} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}
