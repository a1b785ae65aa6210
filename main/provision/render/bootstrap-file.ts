import type { NodeLayout } from '../../fleet/node-layout.ts';
import { adminPort, envoyMount } from './container-paths.ts';
import { fileSource, httpConnectionManager, socketAddress, staticEndpoint } from './envoy-parts.ts';
import { yamlFile } from './yaml-file.ts';

/** Heap that Envoy may use before it refuses requests; its container has 192 MB, of which its program text takes about a third. */
const maxHeapBytes = 128 * 1024 * 1024;
const maxConnections = 2000;

const adminPaths = [
  { exact: '/ready' },
  { prefix: '/stats' },
  { exact: '/clusters' },
  { exact: '/listeners' },
  { exact: '/certs' },
  { exact: '/server_info' },
  { prefix: '/drain_listeners' },
  { exact: '/reopen_logs' },
];

const overload = (action: string, monitor: string, value: number) => ({
  name: `envoy.overload_actions.${action}`,
  triggers: [{ name: `envoy.resource_monitors.${monitor}`, threshold: { value } }],
});

/**
 * Envoy's start file: what cannot change without a restart. Everything else comes from the files in `xds/` and `sds/`. The metrics
 * listener is here so that a node can be asked how it is even when its listeners' file is broken; its routes are a file, because they
 * name the mirrors.
 */
export function bootstrapFile(layout: Pick<NodeLayout, 'metricsPort'>): string {
  return yamlFile("The edge's start file. A change here restarts the edge; everything else is in xds/ and sds/.", {
    node: { id: 'edge', cluster: 'mirrorfleet' },
    admin: {
      address: socketAddress('127.0.0.1', adminPort),
      allow_paths: adminPaths,
      ignore_global_conn_limit: true,
    },
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
        },
      },
    ],
    dynamic_resources: {
      lds_config: fileSource(`${envoyMount}/xds`, 'lds.yaml'),
      cds_config: fileSource(`${envoyMount}/xds`, 'cds.yaml'),
    },
    overload_manager: {
      refresh_interval: '0.5s',
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.fixed_heap',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
            max_heap_size_bytes: maxHeapBytes,
          },
        },
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
            max_active_downstream_connections: maxConnections,
          },
        },
      ],
      actions: [overload('shrink_heap', 'fixed_heap', 0.9), overload('stop_accepting_requests', 'fixed_heap', 0.95)],
    },
    static_resources: {
      listeners: [
        {
          name: 'metrics',
          address: socketAddress('0.0.0.0', layout.metricsPort),
          ignore_global_conn_limit: true,
          filter_chains: [
            {
              filters: [
                httpConnectionManager({
                  stat_prefix: 'metrics',
                  rds: { route_config_name: 'metrics', config_source: fileSource(`${envoyMount}/xds`, 'metrics.yaml') },
                }),
              ],
            },
          ],
        },
      ],
      clusters: [
        { name: 'admin', type: 'STATIC', connect_timeout: '1s', ...staticEndpoint('admin', '127.0.0.1', adminPort) },
      ],
    },
  });
}
