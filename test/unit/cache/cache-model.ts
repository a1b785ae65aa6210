import fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { BlobFound, CacheSnapshot, RepositoryFound } from '../../../main/cache/cache-snapshot.ts';
import { type ManifestReferences, manifestReferences } from '../../../main/cache/manifest.ts';
import { upstreamOfStorage } from '../../../main/cache/stored-names.ts';

/** The time of every snapshot here, seconds. */
export const noon = 1_800_000_000;
export const hexOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** One image of a made-up cache: layers by number, the same number being the same layer everywhere; `age` since its last use, seconds. */
export interface ModelImage {
  readonly storage: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly platforms: readonly (readonly number[])[];
  readonly age: number;
}

export const layerHex = (layer: number): string => hexOf(`layer ${layer}`);
const layerDisk = (layer: number): number => 4096 * (1 + (layer % 7));

export function manifestBytes(platform: readonly number[]): Buffer {
  const config = { digest: `sha256:${hexOf(`config ${platform.join()}`)}` };
  const layers = platform.map((layer) => ({ digest: `sha256:${layerHex(layer)}` }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers }));
}

export function indexBytes(image: ModelImage): Buffer {
  const children = image.platforms.map((layers) => ({
    digest: `sha256:${hexOf(manifestBytes(layers))}`,
    platform: { os: 'linux', architecture: `cpu${layers.join('-')}` },
  }));
  // A platform that nobody pulled: named by the index, stored nowhere.
  return Buffer.from(JSON.stringify({ manifests: [{ digest: `sha256:${hexOf('absent platform')}` }, ...children] }));
}

export function rootBytes(image: ModelImage): Buffer {
  const [only = []] = image.platforms;
  return image.platforms.length === 1 ? manifestBytes(only) : indexBytes(image);
}

/** A snapshot of these images and of orphans (blobs by number that nothing names). Everything is older than any grace unless `age` says no. */
export function snapshotOf(
  images: readonly ModelImage[],
  orphans: readonly number[] = [],
): CacheSnapshot & { readonly files: ReadonlyMap<string, Buffer> } {
  const blobs = new Map<string, BlobFound>();
  const manifests = new Map<string, ManifestReferences | undefined>();
  const files = new Map<string, Buffer>();
  type Growing = RepositoryFound & {
    tags: { name: string; hex: string; usedAt: number }[];
    revisions: Map<string, number>;
    layers: Map<string, number>;
  };
  /** What an index says, of the platforms that are stored. */
  const kept = (found: ManifestReferences | undefined): ManifestReferences | undefined => {
    if (found?.platforms === undefined) return found;
    const here = found.children.map((hex, at) => ({ hex, platform: found.platforms?.[at] }));
    const stored = here.filter(({ hex }) => blobs.has(hex));
    return { ...found, children: stored.map(({ hex }) => hex), platforms: stored.map(({ platform }) => platform) };
  };
  const repositories = new Map<string, Growing>();
  const put = (hex: string, size: number, disk: number, age: number): void => {
    const known = blobs.get(hex);
    const readAt = Math.max(known?.readAt ?? 0, noon - age);
    blobs.set(hex, { size, disk, readAt, changedAt: Math.max(known?.changedAt ?? 0, noon - age) });
  };
  const putManifest = (repository: Growing, bytes: Buffer, age: number): void => {
    const hex = hexOf(bytes);
    put(hex, bytes.length, 4096, age);
    files.set(hex, bytes);
    manifests.set(hex, kept(manifestReferences(bytes)));
    repository.revisions.set(hex, Math.max(repository.revisions.get(hex) ?? 0, noon - age));
  };
  for (const image of images) {
    const key = `${image.storage}/${image.repository}`;
    const repository: Growing = repositories.get(key) ?? {
      storage: image.storage,
      upstream: upstreamOfStorage(image.storage),
      name: image.repository,
      tags: [],
      revisions: new Map(),
      layers: new Map(),
      opaque: false,
    };
    repositories.set(key, repository);
    for (const platform of image.platforms) {
      putManifest(repository, manifestBytes(platform), image.age);
      for (const layer of platform) put(layerHex(layer), 100 + layer, layerDisk(layer), image.age);
      const config = hexOf(`config ${platform.join()}`);
      put(config, 10, 4096, image.age);
      for (const hex of [config, ...platform.map(layerHex)]) {
        repository.layers.set(hex, Math.max(repository.layers.get(hex) ?? 0, noon - image.age));
      }
    }
    if (image.platforms.length !== 1) putManifest(repository, indexBytes(image), image.age);
    if (image.tag !== undefined && !repository.tags.some((tag) => tag.name === image.tag)) {
      repository.tags.push({ name: image.tag, hex: hexOf(rootBytes(image)), usedAt: noon - image.age });
    }
  }
  for (const orphan of orphans) put(hexOf(`orphan ${orphan}`), orphan, 4096, 1_000_000);
  return {
    at: `${noon}.5`,
    readTimesTrue: true,
    descriptorCaches: [],
    pins: [],
    unclearPins: [],
    repositories: [...repositories.values()],
    blobs,
    manifests,
    damaged: [],
    files,
  };
}

export const modelImage = fc.record({
  storage: fc.constantFrom('docker.io', 'ghcr.io'),
  repository: fc.constantFrom('library/a', 'library/a/b', 'team/c'),
  tag: fc.option(fc.constantFrom('1', '2', 'latest'), { nil: undefined }),
  platforms: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  age: fc.integer({ min: 7200, max: 1_000_000 }),
});

export const modelCache = fc.record({
  images: fc.array(modelImage, { maxLength: 12 }),
  orphans: fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
});

/** A cache whose files have times of their own (ages in seconds, some at the limit of an hour), and of which some are lost or not to be read. */
export const livedCache = fc.record({
  cache: modelCache,
  ages: fc.array(fc.constantFrom(0, 60, 3599, 3600, 3601, 86_400, 172_800, 1_000_000), { minLength: 5, maxLength: 40 }),
  readTimesTrue: fc.boolean(),
  /** By their place: blobs that are not stored, manifests nobody can read, tags whose link is damaged, repositories with something unknown, layers without a link. */
  lost: fc.uniqueArray(fc.nat(40), { maxLength: 2 }),
  unread: fc.option(fc.nat(20), { nil: undefined }),
  damaged: fc.uniqueArray(fc.nat(10), { maxLength: 2 }),
  opaque: fc.option(fc.nat(20), { nil: undefined }),
  unlinked: fc.uniqueArray(fc.nat(30), { maxLength: 2 }),
  limit: fc.nat(200),
});

/** The snapshot of such a cache. */
export function lived(
  chosen: typeof livedCache extends fc.Arbitrary<infer Value> ? Value : never,
): ReturnType<typeof snapshotOf> {
  const { cache, ages, readTimesTrue, lost, unread, damaged, opaque, unlinked } = chosen;
  const snapshot = snapshotOf(cache.images, cache.orphans);
  let next = 0;
  const time = (): number => noon - (ages[next++ % ages.length] ?? 0);
  const retimed = (links: ReadonlyMap<string, number>) => new Map([...links.keys()].map((hex) => [hex, time()]));
  // What an index lists is never lost here: of such a link the laptop takes away what the schedule, which keeps more, leaves.
  const listed = new Set([...snapshot.manifests.values()].flatMap((found) => found?.children ?? []));
  const blobs = new Map(
    [...snapshot.blobs]
      .filter(([hex], at) => listed.has(hex) || !lost.includes(at))
      .map(([hex, blob]) => [hex, { ...blob, readAt: time(), changedAt: time() }]),
  );
  const manifests = new Map(
    [...snapshot.manifests]
      .filter(([hex]) => blobs.has(hex))
      .map(([hex, found], at) => [
        hex,
        at === unread || found === undefined ? undefined : { children: found.children, blobs: found.blobs },
      ]),
  );
  let tags = 0;
  let links = 0;
  const repositories = snapshot.repositories.map((repository, at) => ({
    ...repository,
    opaque: at === opaque,
    tags: repository.tags.map((tag) => ({
      ...tag,
      hex: damaged.includes(tags++) ? undefined : tag.hex,
      usedAt: time(),
    })),
    revisions: retimed(repository.revisions),
    layers: new Map([...retimed(repository.layers)].filter(() => !unlinked.includes(links++))),
  }));
  // To the second, so that an hour ago is a time that a file can have.
  return { ...snapshot, at: `${noon}`, readTimesTrue, blobs, manifests, repositories };
}
