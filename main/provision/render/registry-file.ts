import { storageName, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { dataMount, mirrorPort, registryMetricsPort, twinPort } from './container-paths.ts';
import { yamlFile } from './yaml-file.ts';

/**
 * The settings mirrors and twin share. There is no `cache` on purpose: a registry that remembers blobs answers 200 with an empty body
 * once they were pruned. There is no `http.secret`: it protects uploads, and nobody uploads here.
 */
function shared(folder: string, port: number, maintenance: object): { storage: object; rest: object } {
  return {
    storage: {
      filesystem: { rootdirectory: `${dataMount}/${folder}` },
      delete: { enabled: false },
      maintenance,
    },
    rest: {
      http: {
        addr: `:${port}`,
        draintimeout: '30s',
        debug: { addr: `:${registryMetricsPort}`, prometheus: { enabled: true, path: '/metrics' } },
      },
      health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
    },
  };
}

const log = { level: 'info', formatter: 'json', accesslog: { disabled: true } };

/**
 * A mirror's configuration. `ttl: 0` keeps content until it is pruned; `exec` makes the registry start while its upstream is away (the
 * command gives no credentials, and need not even exist).
 */
export function mirrorFile(upstream: Upstream): string {
  const { storage, rest } = shared(storageName(upstream.id), mirrorPort(upstream.id), {
    uploadpurging: { enabled: true, age: '24h', interval: '6h', dryrun: false },
  });
  return yamlFile(`The mirror of ${upstream.id}.`, {
    version: 0.1,
    log,
    storage,
    ...rest,
    proxy: { remoteurl: upstream.registry, ttl: 0, exec: { command: '/bin/false', lifetime: '24h' } },
  });
}

/** The offline twin: serves `<upstream>/<name>` of all mirrors from their storage, asks no upstream and writes nothing. */
export function twinFile(): string {
  const { storage, rest } = shared(twinService, twinPort, {
    uploadpurging: { enabled: false },
    readonly: { enabled: true },
  });
  return yamlFile('The offline twin: serves what the mirrors have cached while an upstream is away.', {
    version: 0.1,
    log,
    storage,
    ...rest,
  });
}
