import { type Layer, sha256 } from './layer.ts';

/** The two families of media types a client must understand; the documents have the same shape. */
export type ImageFormat = 'oci' | 'docker';
export type Architecture = 'amd64' | 'arm64';

const mediaTypes = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;

/** How a container of the image starts, in the words of an image's configuration. */
export interface RunConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly StopSignal?: string;
}

export interface Document {
  readonly mediaType: string;
  readonly content: Buffer;
  readonly digest: string;
}

/** An image for one architecture: the manifest, and what it names. */
export interface PlatformImage {
  readonly architecture: Architecture;
  readonly layers: readonly Layer[];
  readonly config: Document;
  readonly manifest: Document;
}

/** What a tag points at: one platform's manifest, or an index of several. */
export interface ContainerImage {
  readonly platforms: readonly PlatformImage[];
  readonly top: Document;
}

/** Computes configuration and manifest of one platform. */
export function platformImage(
  format: ImageFormat,
  architecture: Architecture,
  layers: readonly Layer[],
  run: RunConfig,
): PlatformImage {
  const types = mediaTypes[format];
  const config = document(types.config, {
    architecture,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: run,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((_, index) => ({ created: '1970-01-01T00:00:00Z', created_by: `lab layer ${index + 1}` })),
  });
  const manifest = document(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.content.length },
    layers: layers.map(({ digest, blob }) => ({ mediaType: types.layer, digest, size: blob.length })),
  });
  return { architecture, layers, config, manifest };
}

/** One platform stays a plain manifest; several become an OCI index or a Docker manifest list. */
export function containerImage(format: ImageFormat, platforms: readonly PlatformImage[]): ContainerImage {
  const [only, second] = platforms;
  if (only !== undefined && second === undefined) return { platforms, top: only.manifest };
  const type = mediaTypes[format].index;
  const manifests = platforms.map(({ architecture, manifest }) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.content.length,
    platform: { architecture, os: 'linux', ...(architecture === 'arm64' ? { variant: 'v8' } : {}) },
  }));
  return { platforms, top: document(type, { schemaVersion: 2, mediaType: type, manifests }) };
}

function document(mediaType: string, value: object): Document {
  const content = Buffer.from(JSON.stringify(value, null, 2));
  return { mediaType, content, digest: sha256(content) };
}
