import { z } from 'zod';

/**
 * What a manifest needs: other manifests of its repository, and blobs (hex digests). `platforms` stands beside `children`: what each is for
 * (`linux/amd64`), undefined where the index does not say; `config` is the one of the blobs that says it for a manifest without an index.
 */
export interface ManifestReferences {
  readonly children: readonly string[];
  readonly blobs: readonly string[];
  readonly platforms?: readonly (string | undefined)[];
  readonly config?: string;
}

const descriptor = z.object({ digest: z.string() });
const manifestSchema = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).optional(),
  blobs: z.array(descriptor).optional(),
  manifests: z.array(descriptor.extend({ platform: z.unknown().optional() })).optional(),
  fsLayers: z.array(z.object({ blobSum: z.string() })).optional(),
});

const sha256 = /^sha256:([0-9a-f]{64})$/;

/**
 * Reads the references out of a manifest or index of any kind (OCI, Docker schema 1 and 2, artifacts). `undefined` where it is not
 * one, or names a digest other than SHA-256: then nobody can say what it needs.
 */
export function manifestReferences(bytes: Uint8Array): ManifestReferences | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  const manifest = manifestSchema.safeParse(parsed);
  if (!manifest.success) return undefined;
  const { config, layers = [], blobs = [], manifests = [], fsLayers = [] } = manifest.data;
  const children = hexes(manifests.map((each) => each.digest));
  const named = new Map(manifests.map((each) => [each.digest.slice('sha256:'.length), platformOf(each.platform)]));
  const parts = hexes([
    ...(config ? [config.digest] : []),
    ...[...layers, ...blobs].map((each) => each.digest),
    ...fsLayers.map((each) => each.blobSum),
  ]);
  if (!children || !parts) return undefined;
  const mainPart = config?.digest.slice('sha256:'.length);
  return {
    children,
    blobs: parts,
    ...(children.length > 0 ? { platforms: children.map((hex) => named.get(hex)) } : {}),
    ...(mainPart === undefined ? {} : { config: mainPart }),
  };
}

const word = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/);
const platformSchema = z.object({ os: word, architecture: word, variant: word.optional().catch(undefined) });

/** `linux/arm64/v8` from an index's entry or an image's configuration; undefined for what names none (attestations call theirs unknown). */
export function platformOf(described: unknown): string | undefined {
  const platform = platformSchema.safeParse(described);
  if (!platform.success || platform.data.os === 'unknown') return undefined;
  const { os, architecture, variant } = platform.data;
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

function hexes(digests: readonly string[]): readonly string[] | undefined {
  const found = new Set<string>();
  for (const digest of digests) {
    const hex = sha256.exec(digest)?.[1];
    if (hex === undefined) return undefined;
    found.add(hex);
  }
  return [...found];
}
