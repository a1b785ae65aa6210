import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { edgeClusters } from '../../../main/fleet/edge-names.ts';
import { mirrorService } from '../../../main/fleet/node-layout.ts';
import { clusters } from '../../../main/provision/render/clusters.ts';
import { listeners } from '../../../main/provision/render/listeners.ts';
import { mirrorFile, twinFile } from '../../../main/provision/render/registry-file.ts';
import { served } from './rendered-node.ts';

const endpointSchema = z.object({
  socket_address: z.object({ address: z.string(), port_value: z.number() }).optional(),
  envoy_internal_address: z.object({ server_listener_name: z.string() }).optional(),
});
const clusterSchema = z.looseObject({
  '@type': z.literal('type.googleapis.com/envoy.config.cluster.v3.Cluster'),
  name: z.string(),
  type: z.string().optional(),
  dns_lookup_family: z.string().optional(),
  connect_timeout: z.string().optional(),
  transport_socket: z.unknown().optional(),
  load_assignment: z
    .object({
      cluster_name: z.string(),
      endpoints: z.tuple([
        z.object({ lb_endpoints: z.tuple([z.object({ endpoint: z.object({ address: endpointSchema }) })]) }),
      ]),
    })
    .optional(),
});

/** The clusters of these upstreams by name, each with the one place that it leads to. */
function places(...names: string[]) {
  const all = clusterSchema.array().parse(clusters(served(names)));
  return new Map(
    all.map((cluster) => {
      if (cluster.load_assignment) expect(cluster.load_assignment.cluster_name).toBe(cluster.name);
      const address = cluster.load_assignment?.endpoints[0].lb_endpoints[0].endpoint.address;
      const socket = address?.socket_address;
      const place = socket
        ? `${socket.address}:${socket.port_value}`
        : address?.envoy_internal_address?.server_listener_name;
      return [cluster.name, { ...cluster, place }] as const;
    }),
  );
}

const of = (upstream: string) => ({ ...edgeClusters(upstream) });

/** The port that a registry's own configuration says, beside the one for its metrics. */
const portIn = (config: string): string => /^ {2}addr: (:\d+)$/m.exec(config)?.[1] ?? 'none';
const metricsPortIn = (config: string): string => /^ {4}addr: (:\d+)$/m.exec(config)?.[1] ?? 'none';

describe('the edge asks', () => {
  test('each mirror, its metrics and the twin at the places where they listen', () => {
    const all = places('docker.io', 'registry.example:5000');
    for (const upstream of served(['docker.io', 'registry.example:5000'])) {
      const config = mirrorFile(upstream);
      const names = of(upstream.id);
      expect(all.get(names.first)?.place).toBe(mirrorService(upstream.id) + portIn(config));
      expect(all.get(names.last)?.place).toBe(mirrorService(upstream.id) + portIn(config));
      expect(all.get(names.metrics)?.place).toBe(mirrorService(upstream.id) + metricsPortIn(config));
    }
    expect(all.get('twin')?.place).toBe(`offline${portIn(twinFile())}`);
    expect(all.get('twin_metrics')?.place).toBe(`offline${metricsPortIn(twinFile())}`);
  });

  test('a container by the address it had last, so that one which restarts is not gone', () => {
    const all = places('docker.io');
    for (const { place = '', type, dns_lookup_family: family } of all.values())
      if (/^(?:mirror-|offline)/.test(place)) expect([type, family]).toEqual(['LOGICAL_DNS', 'V4_ONLY']);
  });

  test('the ways through itself that its listeners are', () => {
    const names = z
      .array(z.looseObject({ name: z.string() }))
      .parse(listeners(served(['docker.io'])))
      .map(({ name }) => name);
    const all = places('docker.io');
    for (const cluster of [of('docker.io').twin, of('docker.io').patient]) {
      expect(names).toContain(all.get(cluster)?.place);
      expect(all.get(cluster)?.type).toBe('STATIC');
    }
    expect(all.get(of('docker.io').twin)?.place).not.toBe(all.get(of('docker.io').patient)?.place);
  });

  test.each([
    ['docker.io', 'registry-1.docker.io:443', 'auth.docker.io:443'],
    ['ghcr.io', 'ghcr.io:443', 'ghcr.io:443'],
    ['registry.example:5000', 'registry.example:5000', 'registry.example:5000'],
  ])('%s itself, and who gives out its tokens', (upstream, registry, tokens) => {
    const all = places(upstream);
    expect(all.get(of(upstream).probe)?.place).toBe(registry);
    expect(all.get(of(upstream).token)?.place).toBe(tokens);
  });

  test.each(['manifest', 'blob'] as const)(
    'for a %s the mirror first, then the twin, then the mirror once more with patience, however many are waiting',
    (kind) => {
      const { first, last, twin, patient, ...names } = of('ghcr.io');
      expect(places('ghcr.io').get(names[kind])).toMatchObject({
        lb_policy: 'CLUSTER_PROVIDED',
        circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
        cluster_type: {
          name: 'envoy.clusters.aggregate',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig',
            clusters: [kind === 'manifest' ? first : last, twin, patient],
          },
        },
      });
    },
  );
});

describe('the world outside', () => {
  const outside = () => ['probe', 'token'].map((kind) => places('docker.io').get(`docker_io_${kind}`));

  test('must show a certificate of its own name by a public authority', () => {
    for (const cluster of outside()) {
      const host = cluster?.place?.replace(':443', '');
      expect(cluster).toMatchObject({
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            sni: host,
            common_tls_context: {
              validation_context: {
                trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
                match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: host } }],
              },
            },
          },
        },
      });
    }
  });

  test('does not hold up the start of a node while it is away, and is looked up again soon', () => {
    for (const cluster of outside())
      expect(cluster).toMatchObject({
        wait_for_warm_on_init: false,
        connect_timeout: '5s',
        cluster_type: {
          name: 'envoy.clusters.dns',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
            dns_lookup_family: 'V4_PREFERRED',
            dns_refresh_rate: '60s',
            dns_failure_refresh_rate: { base_interval: '5s', max_interval: '60s' },
            all_addresses_in_single_endpoint: true,
          },
        },
      });
  });

  test('is not told what the node is called: the headers that Envoy adds are taken off at the last moment', () => {
    for (const cluster of outside())
      expect(cluster).toMatchObject({
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            http_filters: [
              {
                name: 'envoy.filters.http.header_mutation',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
                  mutations: {
                    request_mutations: [{ remove: 'x-envoy-original-host' }, { remove: 'x-envoy-original-path' }],
                  },
                },
              },
              {
                name: 'envoy.filters.http.upstream_codec',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec',
                },
              },
            ],
          },
        },
      });
  });
});

describe('a registry that is not well', () => {
  test('is found by its own health, which asks no upstream, within seconds, and is back at its first good answer', () => {
    const all = places('ghcr.io');
    const { first, last, twin, patient, metrics } = of('ghcr.io');
    for (const name of [first, last, 'twin'])
      expect(all.get(name)).toMatchObject({
        health_checks: [
          {
            timeout: '1s',
            interval: '2s',
            no_traffic_interval: '5s',
            unhealthy_threshold: 2,
            healthy_threshold: 1,
            http_health_check: { path: '/' },
          },
        ],
      });
    for (const name of [twin, patient, metrics, 'twin_metrics'])
      expect(all.get(name)).not.toHaveProperty('health_checks');
  });

  test('is asked nothing while it is known to be down, but by who waits for its return', () => {
    const all = places('ghcr.io');
    for (const name of [of('ghcr.io').first, 'twin'])
      expect(all.get(name)).toMatchObject({ common_lb_config: { healthy_panic_threshold: { value: 0 } } });
    expect(all.get(of('ghcr.io').last)).not.toHaveProperty('common_lb_config');
  });

  test('because its upstream hangs is passed by for ten seconds after two timeouts, and for nothing else', () => {
    const all = places('ghcr.io');
    expect(all.get(of('ghcr.io').first)).toMatchObject({
      outlier_detection: {
        consecutive_gateway_failure: 2,
        enforcing_consecutive_gateway_failure: 100,
        enforcing_consecutive_5xx: 0,
        enforcing_success_rate: 0,
        interval: '1s',
        base_ejection_time: '10s',
        max_ejection_time: '10s',
        max_ejection_percent: 100,
      },
    });
    for (const [name, cluster] of all)
      if (name !== of('ghcr.io').first) expect(cluster).not.toHaveProperty('outlier_detection');
  });
});

test('no connection inside the node waits long to be made, none is kept for more than a minute, and memory for one is bounded', () => {
  const all = places('ghcr.io');
  const { last, manifest, blob } = of('ghcr.io');
  for (const [name, cluster] of all) {
    if (cluster.transport_socket !== undefined) continue;
    expect([name, cluster.connect_timeout]).toEqual([name, name === last ? '1s' : '2s']);
    if (name === manifest || name === blob) continue;
    expect(cluster).toMatchObject({
      per_connection_buffer_limit_bytes: 262_144,
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          common_http_protocol_options: { idle_timeout: '60s' },
          explicit_http_config: { http_protocol_options: {} },
        },
      },
    });
  }
});
