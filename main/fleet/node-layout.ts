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
  /** The folder of the node's own pruning by the clock, and the names of the files in it. */
  readonly schedule: { readonly folder: string; readonly files: readonly string[] };
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
    schedule: { folder: `${base}/${scheduleFolder}`, files: scheduleFiles },
    storageRoot: (upstream) => `${base}/data/${storageName(upstream)}`,
  };
}

/** The pins below a node's base. */
export const pinsPath = 'pins';

const scheduleFolder = 'schedule';
const scheduleFiles: readonly string[] = [
  'prune.sh',
  'list.sh',
  'decide.awk',
  'remove.sh',
  'rules',
  'last-run',
  'log',
  '.last-run',
  '.log',
];

/**
 * Whether a file or folder below the base is kept beside what an apply writes: pins and the schedule change at any time, so they are no drift,
 * and no stranger's either.
 */
export function isKeptBeside(path: string): boolean {
  return (
    path === pinsPath || path === scheduleFolder || scheduleFiles.some((name) => path === `${scheduleFolder}/${name}`)
  );
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
