import { edgeClusters } from '../../fleet/edge-names.ts';
import { storageName, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { twinMetricsCluster } from './clusters.ts';
import { extension } from './envoy-parts.ts';
import { answer } from './route-parts.ts';

const adminPaths = ['/stats', '/stats/prometheus', '/ready', '/clusters', '/certs'];

/** What the node's loopback port answers: Envoy's own figures and each registry's. GET only; nothing here changes or reveals a setting. */
export function metricsRoutes(upstreams: readonly Upstream[]): object {
  const get = [{ name: ':method', string_match: { exact: 'GET' } }];
  const registries = [
    ...upstreams.map(({ id }) => ({ name: storageName(id), cluster: edgeClusters(id).metrics })),
    { name: twinService, cluster: twinMetricsCluster },
  ];
  return {
    ...extension('config.route.v3.RouteConfiguration'),
    name: 'metrics',
    virtual_hosts: [
      {
        name: 'metrics',
        domains: ['*'],
        routes: [
          ...adminPaths.map((path) => ({ match: { path, headers: get }, route: { cluster: 'admin', timeout: '15s' } })),
          ...registries.map(({ name, cluster }) => ({
            match: { path: `/registry/${name}/metrics`, headers: get },
            route: { cluster, timeout: '15s', prefix_rewrite: '/metrics' },
          })),
          { match: { prefix: '/' }, ...answer(404, 'NAME_UNKNOWN', 'no such metrics') },
        ],
      },
    ],
  };
}
