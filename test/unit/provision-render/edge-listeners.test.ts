import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { edgeLogFormat } from '../../../main/fleet/edge-log.ts';
import { Secret } from '../../../main/log/secret.ts';
import { composeFile } from '../../../main/provision/render/compose-file.ts';
import { listeners } from '../../../main/provision/render/listeners.ts';
import { edgeRoutes } from '../../../main/provision/render/routes.ts';
import { clientsSecretFile, serverSecretFile } from '../../../main/provision/render/secret-files.ts';
import { input, rendered, served } from './rendered-node.ts';

const listenerSchema = z.looseObject({
  '@type': z.literal('type.googleapis.com/envoy.config.listener.v3.Listener'),
  name: z.string(),
  address: z.object({ socket_address: z.object({ address: z.string(), port_value: z.number() }) }).optional(),
  internal_listener: z.object({}).optional(),
  filter_chains: z.tuple([
    z.looseObject({
      filters: z.tuple([z.object({ name: z.string(), typed_config: z.looseObject({ '@type': z.string() }) })]),
    }),
  ]),
});
const all = (...names: string[]) => listenerSchema.array().parse(listeners(served(names)));
const https = () => all('docker.io').filter(({ address }) => address !== undefined);
const manager = () => https()[0]?.filter_chains[0].filters[0].typed_config;

describe('the door of a node', () => {
  test('is one, at the port that Compose publishes', () => {
    expect(https().map(({ address }) => address?.socket_address)).toEqual([{ address: '0.0.0.0', port_value: 8443 }]);
    expect(composeFile(input(), [])).toContain('443:8443');
    expect(https()[0]).toMatchObject({ name: 'https', stat_prefix: 'https' });
  });

  test('opens only to a client certificate, over TLS 1.2 or later', () => {
    expect(https()[0]?.filter_chains[0]).toMatchObject({
      transport_socket_connect_timeout: '10s',
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
          require_client_certificate: true,
          common_tls_context: {
            alpn_protocols: ['h2', 'http/1.1'],
            tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
          },
        },
      },
    });
    expect(https()[0]).toMatchObject({
      listener_filters: [
        {
          name: 'envoy.filters.listener.tls_inspector',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
          },
        },
      ],
    });
  });

  test('takes its certificate, and who may come in, from the files that hold them, again after every rename', () => {
    const source = (name: string) => ({
      name,
      sds_config: {
        path_config_source: { path: `/etc/envoy/sds/${name}.yaml`, watched_directory: { path: '/etc/envoy/sds' } },
      },
    });
    expect(https()[0]?.filter_chains[0]).toMatchObject({
      transport_socket: {
        typed_config: {
          common_tls_context: {
            tls_certificate_sds_secret_configs: [source('server_cert')],
            validation_context_sds_secret_config: source('clients'),
          },
        },
      },
    });
    const file = rendered();
    for (const name of ['server_cert', 'clients'])
      expect(parse(file(`envoy/sds/${name}.yaml`).text)).toMatchObject({ resources: [{ name }] });
  });

  test('leads where the file of routes says', () => {
    const { name } = z.object({ name: z.string() }).parse(edgeRoutes('mirror.example', served()).resource);
    expect(manager()).toMatchObject({
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      stat_prefix: 'https',
      rds: {
        route_config_name: name,
        config_source: { path_config_source: { path: '/etc/envoy/xds/rds.yaml' } },
      },
    });
  });

  test('takes no path in two readings, and nobody’s word for who they are', () => {
    expect(manager()).toMatchObject({
      use_remote_address: true,
      forward_client_cert_details: 'SANITIZE',
      normalize_path: true,
      merge_slashes: true,
      path_with_escaped_slashes_action: 'REJECT_REQUEST',
      common_http_protocol_options: { headers_with_underscores_action: 'REJECT_REQUEST' },
    });
  });

  test('is not held open: not by slow headers, not by silence, and by a certificate that was revoked for ten minutes at most', () => {
    expect(manager()).toMatchObject({
      max_request_headers_kb: 60,
      request_headers_timeout: '15s',
      stream_idle_timeout: '300s',
      common_http_protocol_options: { idle_timeout: '300s', max_connection_duration: '600s' },
    });
  });

  test('gives one client no more memory than it needs', () => {
    expect(https()[0]).toMatchObject({ per_connection_buffer_limit_bytes: 262_144 });
    expect(manager()).toMatchObject({
      http2_protocol_options: {
        max_concurrent_streams: 100,
        initial_stream_window_size: 1_048_576,
        initial_connection_window_size: 4_194_304,
      },
    });
  });

  test('writes a line for each request where the engine keeps and turns over what a container says', () => {
    expect(manager()).toMatchObject({
      access_log: [
        {
          name: 'envoy.access_loggers.stdout',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
            log_format: { json_format: edgeLogFormat },
          },
        },
      ],
    });
  });
});

describe('the ways inside the edge', () => {
  test('are two for each upstream, and can be reached from inside only', () => {
    const inside = all('docker.io', 'ghcr.io').filter(({ internal_listener: internal }) => internal !== undefined);
    expect(inside.map(({ name }) => name)).toEqual([
      'twin_docker_io',
      'patient_docker_io',
      'twin_ghcr_io',
      'patient_ghcr_io',
    ]);
    for (const each of inside) expect(each).not.toHaveProperty('address');
  });

  test('to the twin put the upstream’s own folder before the path, and ask for its health as it is', () => {
    const way = all('registry.example:5000').find(({ name }) => name.startsWith('twin_'));
    expect(way?.filter_chains[0].filters[0].typed_config).toMatchObject({
      stat_prefix: way?.name,
      route_config: {
        name: way?.name,
        virtual_hosts: [
          {
            name: way?.name,
            domains: ['*'],
            routes: [
              {
                match: { prefix: '/v2/' },
                route: { cluster: 'twin', timeout: '0s', prefix_rewrite: '/v2/registry.example_5000/' },
              },
              { match: { path: '/' }, route: { cluster: 'twin', timeout: '0s' } },
            ],
          },
        ],
      },
    });
  });

  test('to a mirror that comes back connect again and again for about eight seconds', () => {
    const way = all('ghcr.io').find(({ name }) => name.startsWith('patient_'));
    expect(way?.filter_chains[0].filters[0]).toMatchObject({
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
        stat_prefix: way?.name,
        cluster: 'ghcr_io_last',
        max_connect_attempts: 20,
        backoff_options: { base_interval: '0.1s', max_interval: '1s' },
      },
    });
  });
});

describe('the files of secrets', () => {
  const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

  test('hold the certificate with its key, and are known by the certificate alone', () => {
    const file = (chain: string, key: string) =>
      z
        .object({ version_info: z.string(), resources: z.array(z.unknown()) })
        .parse(parse(serverSecretFile({ chain, key: new Secret(key) })));
    expect(file('CHAIN', 'KEY').resources).toEqual([
      {
        '@type': type,
        name: 'server_cert',
        tls_certificate: {
          certificate_chain: { inline_string: 'CHAIN' },
          private_key: { inline_string: 'KEY' },
        },
      },
    ]);
    expect(file('CHAIN', 'OTHER').version_info).toBe(file('CHAIN', 'KEY').version_info);
    expect(file('OTHER', 'KEY').version_info).not.toBe(file('CHAIN', 'KEY').version_info);
  });

  test('let in whom the private authority signed and did not revoke', () => {
    const file = (crl: string): unknown => parse(clientsSecretFile({ clientCa: 'CA', crl }));
    expect(file('CRL')).toMatchObject({
      resources: [
        {
          '@type': type,
          name: 'clients',
          validation_context: { trusted_ca: { inline_string: 'CA' }, crl: { inline_string: 'CRL' } },
        },
      ],
    });
    expect(file('LATER')).not.toMatchObject({
      version_info: z.object({ version_info: z.string() }).parse(file('CRL')).version_info,
    });
  });
});
