import type { NodeSpec } from '../../preload/contract/node.ts';

/** Where a node's files are on its machine, and the names its engine shows. Everything is under one folder a person can read. */
export interface NodeLayout {
  readonly base: string;
  readonly composeFile: string;
  /** Compose's project name; container names begin with it. */
  readonly project: string;
  /** The node's loopback port for metrics: `/stats/prometheus` and `/ready` of Envoy, `/registry/<storageName>/metrics` of each mirror, `/registry/offline/metrics` of the twin. */
  readonly metricsPort: number;
  /** Registry storage root of one upstream: holds `docker/registry/v2/{repositories, blobs -> shared}`. */
  storageRoot(upstream: string): string;
  /** What is never pruned: one pin a line, for people to read and write too. Not part of any plan. */
  readonly pinsFile: string;
  /** The one blob store all upstreams share: holds `sha256/<2 hex>/<hex>/data`. */
  readonly blobStore: string;
}

/** The node's layout; `base` defaults to `/opt/mirrorfleet`. */
export function nodeLayout(spec: Pick<NodeSpec, 'base'>): NodeLayout {
  const base = spec.base ?? '/opt/mirrorfleet';
  const project =
    base === '/opt/mirrorfleet'
      ? 'mirrorfleet'
      : `mirrorfleet-${base
          .replace(/[^a-z0-9]+/gi, '-')
          .replace(/^-|-$/g, '')
          .toLowerCase()}`;
  return {
    base,
    composeFile: `${base}/compose.yaml`,
    project,
    metricsPort: 9902,
    blobStore: `${base}/data/blobs`,
    pinsFile: `${base}/${pinsPath}`,
    storageRoot: (upstream) => `${base}/data/${storageName(upstream)}`,
  };
}

/** The pins below a node's base. */
export const pinsPath = 'pins';

/** Whether a file below the base is kept beside what an apply writes: pins change at any time and are no drift, and no stranger's. */
export function isKeptBeside(path: string): boolean {
  return path === pinsPath;
}

/** An upstream's name as a folder and file: `registry.example:5000` becomes `registry.example_5000`. */
export function storageName(upstream: string): string {
  return upstream.replace(':', '_');
}

/**
 * The Compose service that mirrors an upstream. Never the upstream's bare name: the engine's DNS answers service names before the
 * world's, so a service called `ghcr.io` would send the mirror of ghcr.io to itself.
 */
export function mirrorService(upstream: string): string {
  return `mirror-${storageName(upstream)}`;
}

/** The Compose services beside the mirrors: the edge, and the read-only twin that serves what is cached when an upstream hangs. */
export const edgeService = 'envoy';
export const twinService = 'offline';
