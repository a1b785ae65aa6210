import { storageName } from '../../fleet/node-layout.ts';
import { edgeLogFormat } from '../../fleet/edge-log.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { edgeClusters } from '../../fleet/edge-names.ts';
import { patientListener, twinCluster, twinListener } from './clusters.ts';
import { edgePort, envoyMount } from './container-paths.ts';
import { bufferLimit, extension, fileSource, httpConnectionManager, socketAddress } from './envoy-parts.ts';

const listener = { ...extension('config.listener.v3.Listener') };

/**
 * How long one connection may serve. A revoked certificate is refused at the next handshake only, so this bounds what it can still do.
 * Measured on both HTTP versions: a download that is under way goes on to its end, later requests make a new connection, none fails.
 */
const maxConnectionDuration = '600s';

/**
 * To standard output, where the engine keeps it and turns it over at a fixed size (see the Compose file's `logging`); a file would grow
 * until someone came to rotate it. Envoy's own words go to standard error.
 */
const accessLog = {
  name: 'envoy.access_loggers.stdout',
  typed_config: {
    ...extension('extensions.access_loggers.stream.v3.StdoutAccessLog'),
    log_format: { json_format: edgeLogFormat },
  },
};

const secret = (name: string, file: string) => ({ name, sds_config: fileSource(`${envoyMount}/sds`, file) });

const transportSocket = {
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    ...extension('extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
    require_client_certificate: true,
    common_tls_context: {
      alpn_protocols: ['h2', 'http/1.1'],
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
      tls_certificate_sds_secret_configs: [secret('server_cert', 'server_cert.yaml')],
      validation_context_sds_secret_config: secret('clients', 'clients.yaml'),
    },
  },
};

function httpsListener(): object {
  return {
    ...listener,
    name: 'https',
    stat_prefix: 'https',
    address: socketAddress('0.0.0.0', edgePort),
    per_connection_buffer_limit_bytes: bufferLimit,
    listener_filters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: extension('extensions.filters.listener.tls_inspector.v3.TlsInspector'),
      },
    ],
    filter_chains: [
      {
        transport_socket_connect_timeout: '10s',
        filters: [
          httpConnectionManager({
            stat_prefix: 'https',
            rds: { route_config_name: 'edge', config_source: fileSource(`${envoyMount}/xds`, 'rds.yaml') },
            access_log: [accessLog],
            use_remote_address: true,
            forward_client_cert_details: 'SANITIZE',
            normalize_path: true,
            merge_slashes: true,
            path_with_escaped_slashes_action: 'REJECT_REQUEST',
            max_request_headers_kb: 60,
            request_headers_timeout: '15s',
            stream_idle_timeout: '300s',
            common_http_protocol_options: {
              idle_timeout: '300s',
              max_connection_duration: maxConnectionDuration,
              headers_with_underscores_action: 'REJECT_REQUEST',
            },
            http2_protocol_options: {
              max_concurrent_streams: 100,
              initial_stream_window_size: 1048576,
              initial_connection_window_size: 4194304,
            },
          }),
        ],
        transport_socket: transportSocket,
      },
    ],
  };
}

/** A way inside Envoy through one filter. */
function internalListener(name: string, filter: object): object {
  return { ...listener, name, internal_listener: {}, filter_chains: [{ filters: [filter] }] };
}

/** An aggregate cluster cannot rewrite for one member, an internal listener can: the twin keeps each upstream under its own name. */
function twinWay(upstream: Upstream): object {
  const name = twinListener(upstream.id);
  const route = { cluster: twinCluster, timeout: '0s' };
  const routes = [
    { match: { prefix: '/v2/' }, route: { ...route, prefix_rewrite: `/v2/${storageName(upstream.id)}/` } },
    { match: { path: '/' }, route },
  ];
  const route_config = { name, virtual_hosts: [{ name, domains: ['*'], routes }] };
  return internalListener(name, httpConnectionManager({ stat_prefix: name, route_config }));
}

/**
 * An engine starts a mirror that fell again within a second or two. Only the connecting is repeated, for about 8 s, so no upstream is
 * asked twice; retries of the request itself would be spent at once, since a refused connection costs no time.
 */
function patientWay(upstream: Upstream): object {
  const name = patientListener(upstream.id);
  return internalListener(name, {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: {
      ...extension('extensions.filters.network.tcp_proxy.v3.TcpProxy'),
      stat_prefix: name,
      cluster: edgeClusters(upstream.id).last,
      max_connect_attempts: 20,
      backoff_options: { base_interval: '0.1s', max_interval: '1s' },
    },
  });
}

/** The edge's TLS listener and, inside Envoy, two listeners for each upstream: its ways to the twin and to a mirror that comes back. */
export function listeners(upstreams: readonly Upstream[]): readonly object[] {
  return [httpsListener(), ...upstreams.flatMap((upstream) => [twinWay(upstream), patientWay(upstream)])];
}
