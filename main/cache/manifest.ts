import { z } from 'zod';

/** What a manifest needs: other manifests of its repository, and blobs. Hex digests. */
export interface ManifestReferences {
  readonly children: readonly string[];
  readonly blobs: readonly string[];
}

const descriptor = z.object({ digest: z.string() });
const manifestSchema = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).optional(),
  blobs: z.array(descriptor).optional(),
  manifests: z.array(descriptor).optional(),
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
  const parts = hexes([
    ...(config ? [config.digest] : []),
    ...[...layers, ...blobs].map((each) => each.digest),
    ...fsLayers.map((each) => each.blobSum),
  ]);
  return children && parts && { children, blobs: parts };
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
