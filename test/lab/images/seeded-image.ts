import type { Architecture, ContainerImage } from './container-image.ts';

/** What tests may expect of an image on the lab's internet. Sizes are bytes as transferred. */
export interface SeededImage {
  readonly upstream: string;
  readonly repository: string;
  readonly tags: readonly string[];
  /** Digest of what the tags point at: an index, or the manifest of the only platform. */
  readonly digest: string;
  readonly mediaType: string;
  readonly platforms: readonly SeededPlatform[];
}

export interface SeededPlatform {
  readonly architecture: Architecture;
  readonly manifestDigest: string;
  readonly configDigest: string;
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  /** All layers together. */
  readonly size: number;
}

export function describeImage(
  upstream: string,
  repository: string,
  tags: readonly string[],
  image: ContainerImage,
): SeededImage {
  const platforms = image.platforms.map(({ architecture, manifest, config, layers }): SeededPlatform => {
    const sizes = layers.map(({ digest, blob }) => ({ digest, size: blob.length }));
    const size = sizes.reduce((total, layer) => total + layer.size, 0);
    return { architecture, manifestDigest: manifest.digest, configDigest: config.digest, layers: sizes, size };
  });
  return { upstream, repository, tags, digest: image.top.digest, mediaType: image.top.mediaType, platforms };
}
