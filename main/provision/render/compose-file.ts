import { edgeService, mirrorService, storageName, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { dataMount, edgePort, envoyMount, envoyUser, registryConfig, registryUser } from './container-paths.ts';
import type { NodeFilesInput, Owner } from './node-files.ts';
import { yamlFile } from './yaml-file.ts';

const user = ({ uid, gid }: Owner): string => `${uid}:${gid}`;

/** What every container of a node gets: nothing it does not need. */
const confined = {
  restart: 'unless-stopped',
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  networks: ['mirrors'],
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
};

/**
 * A registry idles at 45 MB and holds 140 MB after a rush of parallel pulls; GOMEMLIMIT makes Go collect before the limit kills. The
 * grace period outlasts the 30 s in which a stopping registry finishes its downloads.
 */
function registryService(image: string, config: string): object {
  return {
    image,
    command: ['serve', registryConfig],
    user: user(registryUser),
    environment: { GOMEMLIMIT: '200MiB', OTEL_TRACES_EXPORTER: 'none' },
    volumes: [`./registry/${config}.yml:${registryConfig}:ro`, `./data:${dataMount}`],
    tmpfs: ['/tmp'],
    mem_limit: '256m',
    pids_limit: 512,
    stop_grace_period: '40s',
    ...confined,
  };
}

/**
 * Hot restart is off because it ties Envoy's life to the process that started it; unknown fields are refused because Envoy would
 * otherwise go live without them (a misplaced TLS section means plain HTTP); 600 s of drain let downloads end after a listener change.
 */
function envoyService(input: NodeFilesInput): object {
  const flags = [
    '--concurrency',
    '2',
    '--drain-time-s',
    '600',
    '--reject-unknown-dynamic-fields',
    '--disable-hot-restart',
  ];
  return {
    image: input.images.envoy,
    command: ['-c', `${envoyMount}/envoy.yaml`, ...flags, '--file-flush-interval-msec', '250', '--log-level', 'warn'],
    user: user(envoyUser),
    volumes: [`./envoy:${envoyMount}:ro`],
    ports: [`${input.spec.port}:${edgePort}`, `127.0.0.1:${input.layout.metricsPort}:${input.layout.metricsPort}`],
    mem_limit: '192m',
    pids_limit: 128,
    ...confined,
    // Its standard output is the access log: about 60,000 requests are kept.
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
  };
}

/**
 * The Compose project. No `name` and no `version`, so that Compose 1.29 and 2 both take it: pass the project's name with `-p`. Only the
 * edge is published, and metrics on the node's loopback. No health checks: the images have no tool for it, Envoy checks the mirrors
 * itself. The twin may write (it never does): reads through a read-only mount would leave no access time, by which pruning decides.
 */
export function composeFile(input: NodeFilesInput, upstreams: readonly Upstream[]): string {
  const mirrors: Record<string, object> = Object.fromEntries(
    upstreams.map(({ id }) => [mirrorService(id), registryService(input.images.registry, storageName(id))]),
  );
  return yamlFile(`A mirror of ${upstreams.map(({ id }) => id).join(', ')}.`, {
    services: {
      ...mirrors,
      [twinService]: registryService(input.images.registry, twinService),
      [edgeService]: envoyService(input),
    },
    networks: { mirrors: { driver: 'bridge' } },
  });
}
