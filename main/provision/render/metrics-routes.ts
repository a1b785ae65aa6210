import { edgeClusters, metricsHeader } from '../../fleet/edge-names.ts';
import { storageName, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import type { Secret } from '../../log/secret.ts';
import { twinMetricsCluster } from './clusters.ts';
import { extension } from './envoy-parts.ts';

const adminPaths = ['/stats', '/stats/prometheus', '/ready', '/clusters', '/certs'];

/**
 * What the node's loopback port answers: Envoy's own figures and each registry's. GET only; nothing here changes or reveals a setting.
 * Only to those who show the token: before Docker 28 a neighbour on the server's network that routes to the containers' addresses
 * reaches a port which is published on the loopback alone.
 */
export function metricsRoutes(upstreams: readonly Upstream[], token: Secret): object {
  const headers = [
    { name: ':method', string_match: { exact: 'GET' } },
    { name: metricsHeader, string_match: { exact: token.reveal() } },
  ];
  const registries = [
    ...upstreams.map(({ id }) => ({ name: storageName(id), cluster: edgeClusters(id).metrics })),
    { name: twinService, cluster: twinMetricsCluster },
  ];
  return {
    ...extension('config.route.v3.RouteConfiguration'),
    name: 'metrics',
    request_headers_to_remove: [metricsHeader],
    virtual_hosts: [
      {
        name: 'metrics',
        domains: ['*'],
        routes: [
          ...adminPaths.map((path) => ({ match: { path, headers }, route: { cluster: 'admin', timeout: '15s' } })),
          ...registries.map(({ name, cluster }) => ({
            match: { path: `/registry/${name}/metrics`, headers },
            route: { cluster, timeout: '15s', prefix_rewrite: '/metrics' },
          })),
          { match: { prefix: '/' }, direct_response: { status: 404 } },
        ],
      },
    ],
  };
}
