import { edgeClusters, edgeName } from '../../fleet/edge-names.ts';
import { mirrorService, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { mirrorPort, registryMetricsPort, twinPort } from './container-paths.ts';
import { bufferLimit, endpoint, extension, staticEndpoint } from './envoy-parts.ts';

export const twinCluster = 'twin';
export const twinMetricsCluster = 'twin_metrics';
/** The internal listener that puts an upstream's name into the paths which the twin is asked. */
export const twinListener = (upstream: string): string => `twin_${edgeName(upstream)}`;
/** The internal listener that goes on connecting to a mirror until it is there again. */
export const patientListener = (upstream: string): string => `patient_${edgeName(upstream)}`;

/** Where the images of registry and Envoy keep the public authorities. */
const publicAuthorities = '/etc/ssl/certs/ca-certificates.crt';

const cluster = { ...extension('config.cluster.v3.Cluster') };

/** HTTP/1.1 with connections kept for a minute. */
const http1 = http1With({});

function http1With(more: object): object {
  return {
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        ...extension('extensions.upstreams.http.v3.HttpProtocolOptions'),
        common_http_protocol_options: { idle_timeout: '60s' },
        explicit_http_config: { http_protocol_options: {} },
        ...more,
      },
    },
  };
}

/** Envoy adds these to a rewritten request after a route could take them off; they would tell the world the node's name. */
const originalHeaders = ['x-envoy-original-host', 'x-envoy-original-path'];

const withoutOriginalHeaders = {
  http_filters: [
    {
      name: 'envoy.filters.http.header_mutation',
      typed_config: {
        ...extension('extensions.filters.http.header_mutation.v3.HeaderMutation'),
        mutations: { request_mutations: originalHeaders.map((remove) => ({ remove })) },
      },
    },
    {
      name: 'envoy.filters.http.upstream_codec',
      typed_config: extension('extensions.filters.http.upstream_codec.v3.UpstreamCodec'),
    },
  ],
};

/** `/` says whether a registry's storage is well and asks no upstream. */
const watched = {
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
};

/** Without panic threshold 0 Envoy would send requests to a member that it knows is down. */
const healthChecked = { ...watched, common_lb_config: { healthy_panic_threshold: { value: 0 } } };

/**
 * Two timeouts in a row take the mirror out: an upstream hangs, and its cached tags then come at once. Meant for 10 s, but Envoy puts it back as
 * soon as a health check finds its storage well: measured, 0.9 to 1.6 s of every eight.
 */
const outlierDetection = {
  outlier_detection: {
    consecutive_gateway_failure: 2,
    enforcing_consecutive_gateway_failure: 100,
    consecutive_5xx: 1000,
    enforcing_consecutive_5xx: 0,
    enforcing_success_rate: 0,
    interval: '1s',
    base_ejection_time: '10s',
    max_ejection_time: '10s',
    max_ejection_percent: 100,
  },
};

/**
 * A container of the node by its service's name. An engine knows no address of a container that is down, not even for the moment of its
 * restart; a strict cluster would be empty then, and for 5 s more. A logical one goes on with the address it knew.
 */
function serviceCluster(name: string, service: string, port: number, more: object): object {
  return {
    ...cluster,
    name,
    type: 'LOGICAL_DNS',
    dns_lookup_family: 'V4_ONLY',
    connect_timeout: '2s',
    per_connection_buffer_limit_bytes: bufferLimit,
    ...staticEndpoint(name, service, port),
    ...http1,
    ...more,
  };
}

/** Envoy lets only three requests of a cluster be tried again at one time: the fourth client of a mirror that hangs or fell would get 503. */
const retriesAtOnce = { circuit_breakers: { thresholds: [{ max_retries: 1024 }] } };

function aggregate(name: string, members: readonly string[]): object {
  return {
    ...cluster,
    name,
    connect_timeout: '2s',
    ...retriesAtOnce,
    lb_policy: 'CLUSTER_PROVIDED',
    cluster_type: {
      name: 'envoy.clusters.aggregate',
      typed_config: { ...extension('extensions.clusters.aggregate.v3.ClusterConfig'), clusters: members },
    },
  };
}

/** The world outside, over TLS that is checked. Envoy does not wait for its name: a node starts without its upstreams. */
function outside(name: string, host: string): object {
  const { hostname, port } = new URL(`https://${host}`);
  return {
    ...cluster,
    name,
    cluster_type: {
      name: 'envoy.clusters.dns',
      typed_config: {
        ...extension('extensions.clusters.dns.v3.DnsCluster'),
        dns_lookup_family: 'V4_PREFERRED',
        dns_refresh_rate: '60s',
        dns_failure_refresh_rate: { base_interval: '5s', max_interval: '60s' },
        all_addresses_in_single_endpoint: true,
      },
    },
    wait_for_warm_on_init: false,
    connect_timeout: '5s',
    ...staticEndpoint(name, hostname, port === '' ? 443 : Number(port)),
    ...http1With(withoutOriginalHeaders),
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        ...extension('extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
        sni: hostname,
        common_tls_context: {
          validation_context: {
            trusted_ca: { filename: publicAuthorities },
            match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: hostname } }],
          },
        },
      },
    },
  };
}

/** A way through one of Envoy's own listeners. */
function inside(name: string, listener: string): object {
  return {
    ...cluster,
    name,
    type: 'STATIC',
    connect_timeout: '2s',
    per_connection_buffer_limit_bytes: bufferLimit,
    ...endpoint(name, { envoy_internal_address: { server_listener_name: listener } }),
    ...http1,
  };
}

/**
 * The nine clusters of one upstream. The ways through a listener have no health check of their own: Envoy checks from its main thread,
 * where internal listeners do not exist, and would find them dead for ever. The clusters behind the listeners are checked; `last` may be tried
 * where its check says that the mirror is down, because it is asked by who waits for the mirror's return.
 */
function upstreamClusters(upstream: Upstream): readonly object[] {
  const names = edgeClusters(upstream.id);
  const service = mirrorService(upstream.id);
  const port = mirrorPort(upstream.id);
  const registryHost = new URL(upstream.registry).host;
  return [
    serviceCluster(names.first, service, port, { ...healthChecked, ...outlierDetection }),
    inside(names.twin, twinListener(upstream.id)),
    inside(names.patient, patientListener(upstream.id)),
    serviceCluster(names.last, service, port, { ...watched, connect_timeout: '1s' }),
    aggregate(names.manifest, [names.first, names.twin, names.patient]),
    aggregate(names.blob, [names.last, names.twin, names.patient]),
    outside(names.probe, registryHost),
    outside(names.token, upstream.tokenHost ?? registryHost),
    serviceCluster(names.metrics, service, registryMetricsPort, {}),
  ];
}

/**
 * Every place the edge sends requests to. A manifest is asked of the mirror (`first`), after 3 s also of the twin, and of the mirror
 * again (`patient`, never ejected) where neither has answered: a first pull through a slow upstream must not end in the twin's 404, nor
 * one that meets a mirror which fell and is being started again.
 */
export function clusters(upstreams: readonly Upstream[]): readonly object[] {
  return [
    serviceCluster(twinCluster, twinService, twinPort, healthChecked),
    serviceCluster(twinMetricsCluster, twinService, registryMetricsPort, {}),
    ...upstreams.flatMap(upstreamClusters),
  ];
}
