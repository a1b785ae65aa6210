import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bootstrapFile } from '../../../main/provision/render/bootstrap-file.ts';
import { composeFile } from '../../../main/provision/render/compose-file.ts';
import { metricsRoutes } from '../../../main/provision/render/metrics-routes.ts';
import { Secret } from '../../../main/log/secret.ts';
import { input, rendered, served, upstreams } from './rendered-node.ts';

const addressSchema = z.object({ socket_address: z.object({ address: z.string(), port_value: z.number() }) });
const startSchema = z.object({
  admin: z.object({ address: addressSchema, allow_paths: z.array(z.record(z.string(), z.string())) }),
  overload_manager: z.object({
    resource_monitors: z.array(z.object({ name: z.string(), typed_config: z.record(z.string(), z.unknown()) })),
    actions: z.array(
      z.object({
        name: z.string(),
        triggers: z.array(z.object({ name: z.string(), threshold: z.object({ value: z.number() }) })),
      }),
    ),
  }),
  static_resources: z.object({
    clusters: z.array(
      z.looseObject({
        name: z.string(),
        load_assignment: z.object({
          cluster_name: z.string(),
          endpoints: z.tuple([
            z.object({ lb_endpoints: z.tuple([z.object({ endpoint: z.object({ address: addressSchema }) })]) }),
          ]),
        }),
      }),
    ),
  }),
});

const whole = (): unknown => parse(bootstrapFile({ metricsPort: 9902 }));
const start = () => startSchema.parse(whole());

test('the edge is administered from inside its own container only', () => {
  expect(start().admin.address.socket_address).toEqual({ address: '127.0.0.1', port_value: 9901 });
  const [admin, ...others] = start().static_resources.clusters;
  expect(others).toEqual([]);
  expect(admin).toMatchObject({ name: 'admin', type: 'STATIC', connect_timeout: '1s' });
  expect(admin?.load_assignment.cluster_name).toBe('admin');
  expect(admin?.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address).toEqual(start().admin.address);
});

test('the edge answers what is read of it, and neither ends nor shows its settings nor takes others', () => {
  const allowed = (path: string): boolean =>
    start().admin.allow_paths.some(
      ({ exact, prefix }) => exact === path || (prefix !== undefined && path.startsWith(prefix)),
    );
  const read = ['/ready', '/stats', '/stats/prometheus', '/stats?filter=x', '/clusters', '/listeners', '/certs'];
  for (const path of [...read, '/server_info', '/drain_listeners?graceful', '/reopen_logs'])
    expect([path, allowed(path)]).toEqual([path, true]);
  for (const path of ['/quitquitquit', '/config_dump', '/runtime_modify', '/logging', '/cpuprofiler', '/', '/readyx'])
    expect([path, allowed(path)]).toEqual([path, false]);
});

test('the edge refuses before its container is killed: its heap is bounded below the container, its connections too', () => {
  const { resource_monitors: monitors, actions } = start().overload_manager;
  const limit = /mem_limit: (\d+)m/.exec(composeFile(input(), []).split('envoy:\n')[1] ?? '')?.[1];
  const [heap, connections] = monitors;
  expect(monitors.map(({ name }) => name)).toEqual([
    'envoy.resource_monitors.fixed_heap',
    'envoy.resource_monitors.global_downstream_max_connections',
  ]);
  expect(heap?.typed_config['@type']).toMatch(/^type\.googleapis\.com\/envoy\..*\.FixedHeapConfig$/);
  expect(connections?.typed_config['@type']).toMatch(/^type\.googleapis\.com\/envoy\..*\.DownstreamConnectionsConfig$/);
  const bytes = Number(heap?.typed_config['max_heap_size_bytes']);
  expect(bytes).toBeGreaterThanOrEqual(100e6);
  expect(bytes / (Number(limit) * 2 ** 20)).toBeLessThanOrEqual(2 / 3);
  expect(connections?.typed_config['max_active_downstream_connections']).toBe(2000);
  const thresholds = actions.map(({ name, triggers }) => [
    name,
    triggers.map((trigger) => [trigger.name, trigger.threshold.value]),
  ]);
  expect(thresholds).toEqual([
    ['envoy.overload_actions.shrink_heap', [['envoy.resource_monitors.fixed_heap', 0.9]]],
    ['envoy.overload_actions.stop_accepting_requests', [['envoy.resource_monitors.fixed_heap', 0.95]]],
  ]);
  expect(whole()).toMatchObject({ overload_manager: { refresh_interval: '0.5s' } });
});

test('a full edge still answers how it is: the ports for that are no part of its limit of connections', () => {
  expect(whole()).toMatchObject({
    admin: { ignore_global_conn_limit: true },
    static_resources: { listeners: [{ name: 'metrics', ignore_global_conn_limit: true }] },
  });
});

test('the edge reads again, after every rename into its folder, the files that are rendered for it', () => {
  const text = bootstrapFile({ metricsPort: 9902 });
  const file = rendered();
  const named = [...text.matchAll(/ path: (\/etc\/envoy\/(\S+)\.yaml)\n +watched_directory:\n +path: (\S+)\n/g)];
  expect(named.map(([, path]) => path)).toEqual([
    '/etc/envoy/xds/lds.yaml',
    '/etc/envoy/xds/cds.yaml',
    '/etc/envoy/xds/metrics.yaml',
  ]);
  for (const [, , name, folder] of named) {
    expect(file(`envoy/${name}.yaml`).role).toBe('xds');
    expect(folder).toBe('/etc/envoy/xds');
  }
  expect(text.match(/resource_api_version: V3\n/g)).toHaveLength(3);
  expect(whole()).toMatchObject({
    node: { id: 'edge', cluster: 'mirrorfleet' },
    dynamic_resources: {
      lds_config: { path_config_source: { path: '/etc/envoy/xds/lds.yaml' } },
      cds_config: { path_config_source: { path: '/etc/envoy/xds/cds.yaml' } },
    },
  });
});

test('the edge may lead requests through itself, as its ways to the twin and to a mirror that comes back do', () => {
  expect(whole()).toMatchObject({
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
        },
      },
    ],
  });
});

test('the metrics port is served by the routes of the metrics file, at the port that Compose publishes on the loopback', () => {
  const { name } = z.object({ name: z.string() }).parse(metricsRoutes([], new Secret('x')));
  const port = 9913;
  expect(parse(bootstrapFile({ metricsPort: port }))).toMatchObject({
    static_resources: {
      listeners: [
        {
          address: { socket_address: { address: '0.0.0.0', port_value: port } },
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type':
                      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                    stat_prefix: 'metrics',
                    rds: { route_config_name: name },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: {
                          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  });
  const project = composeFile({ ...input(), layout: { ...input().layout, metricsPort: port } }, []);
  expect(project).toContain(`127.0.0.1:${port}:${port}`);
});

const metricsSchema = z.object({
  '@type': z.string(),
  name: z.string(),
  request_headers_to_remove: z.array(z.string()),
  virtual_hosts: z.tuple([
    z.object({
      name: z.string(),
      domains: z.array(z.string()),
      routes: z.array(
        z.object({
          match: z.object({
            path: z.string().optional(),
            prefix: z.string().optional(),
            headers: z.array(z.object({ name: z.string(), string_match: z.object({ exact: z.string() }) })).default([]),
          }),
          route: z
            .object({ cluster: z.string(), timeout: z.string(), prefix_rewrite: z.string().optional() })
            .optional(),
          direct_response: z.object({ status: z.number() }).optional(),
        }),
      ),
    }),
  ]),
});

test('the metrics port answers a GET with the token, about the edge and about each registry, and nothing else', () => {
  const resource = metricsSchema.parse(metricsRoutes(served(), new Secret('THE-TOKEN')));
  const { routes, domains } = resource.virtual_hosts[0];
  const answers = (path: string, method: string, token: string | undefined) => {
    const found = routes.find(
      ({ match }) =>
        (match.path === path || (match.prefix !== undefined && path.startsWith(match.prefix))) &&
        match.headers.every(({ name, string_match }) =>
          name === ':method' ? string_match.exact === method : string_match.exact === token,
        ),
    );
    return found?.route ?? found?.direct_response?.status;
  };
  expect(resource['@type']).toBe('type.googleapis.com/envoy.config.route.v3.RouteConfiguration');
  expect(domains).toEqual(['*']);
  expect(routes.at(-1)).toMatchObject({ match: { prefix: '/' }, direct_response: { status: 404 } });
  for (const path of ['/stats', '/stats/prometheus', '/ready', '/clusters', '/certs'])
    expect(answers(path, 'GET', 'THE-TOKEN')).toEqual({ cluster: 'admin', timeout: '15s' });
  expect(answers('/registry/registry.example_5000/metrics', 'GET', 'THE-TOKEN')).toEqual({
    cluster: 'registry_example__5000_metrics',
    timeout: '15s',
    prefix_rewrite: '/metrics',
  });
  expect(answers('/registry/offline/metrics', 'GET', 'THE-TOKEN')).toMatchObject({ cluster: 'twin_metrics' });
  expect(routes).toHaveLength(5 + upstreams.length + 1 + 1);
  for (const path of ['/stats', '/registry/docker.io/metrics', '/']) {
    expect(answers(path, 'GET', undefined)).toBe(404);
    expect(answers(path, 'GET', 'ANOTHER')).toBe(404);
    expect(answers(path, 'POST', 'THE-TOKEN')).toBe(404);
  }
  for (const path of ['/drain_listeners', '/reopen_logs', '/server_info', '/quitquitquit', '/registry/gcr.io/metrics'])
    expect(answers(path, 'GET', 'THE-TOKEN')).toBe(404);
});

test('the token is shown in a header of its own, which goes no further', () => {
  const resource = metricsSchema.parse(metricsRoutes(served(), new Secret('THE-TOKEN')));
  const names = resource.virtual_hosts[0].routes.flatMap(({ match }) => match.headers.map(({ name }) => name));
  const [shown, ...others] = [...new Set(names)].filter((name) => name !== ':method');
  expect(others).toEqual([]);
  expect(resource.request_headers_to_remove).toEqual([shown]);
});
