import { readFile } from 'node:fs/promises';
import { busyboxFiles } from './busybox-files.ts';
import { type PlatformImage, platformImage } from './container-image.ts';
import { makeLayer } from './layer.ts';
import { trustedAuthorities } from './trusted-authorities.ts';

export const registryImageName = 'library/registry:3.1.1';

/** What the official image ships; it has a blob cache, which is why the product always mounts its own file. */
const defaultConfig = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :5000
  debug:
    addr: :5001
    prometheus:
      enabled: true
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

/** The image `registry:3.1.1` for this computer's architecture: real program, small base with a shell, lab authority. */
export async function buildRegistryImage(registryBinary: string, authorityFile: string): Promise<PlatformImage> {
  const base = makeLayer([...(await busyboxFiles()), ...(await trustedAuthorities(authorityFile))]);
  const program = makeLayer([
    { type: 'folder', path: 'etc/distribution' },
    { type: 'file', path: 'etc/distribution/config.yml', content: Buffer.from(defaultConfig) },
    { type: 'folder', path: 'var' },
    { type: 'folder', path: 'var/lib' },
    { type: 'folder', path: 'var/lib/registry' },
    { type: 'file', path: 'bin/registry', content: await readFile(registryBinary), mode: 0o755 },
  ]);
  return platformImage('oci', 'amd64', [base, program], {
    Entrypoint: ['registry'],
    Cmd: ['serve', '/etc/distribution/config.yml'],
    // As in the official image; without it every request is logged as a failed trace.
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'OTEL_TRACES_EXPORTER=none'],
    ExposedPorts: { '5000/tcp': {} },
    Volumes: { '/var/lib/registry': {} },
  });
}
