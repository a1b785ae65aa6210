import type { CachedImage, CacheList } from '../../../preload/contract/cache.ts';

/** A cached image of a few words. */
export function image(name: string, change: Partial<CachedImage> = {}): CachedImage {
  const [, upstream = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(name) ?? [];
  return {
    upstream,
    repository,
    tag,
    digest: `sha256:${encodeURIComponent(name)
      .replaceAll(/[^a-z0-9]/g, '')
      .padEnd(64, '0')
      .slice(-64)}`,
    bytes: 100,
    exclusiveBytes: 40,
    lastUse: 1000,
    ...change,
  };
}

export function list(node: string, images: readonly CachedImage[]): CacheList {
  return { node, images: [...images], bytes: images.reduce((sum, each) => sum + each.bytes, 0), blobs: images.length };
}
