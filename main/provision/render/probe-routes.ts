import { edgeClusters, tokenProbePath, upstreamProbePath } from '../../fleet/edge-names.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import type { Route } from './route-parts.ts';

/** Who asks, and through what, is nobody's business outside. */
const privacy = {
  request_headers_to_remove: [
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-request-id',
    'x-envoy-external-address',
    'x-envoy-expected-rq-timeout-ms',
  ],
};

/**
 * The ways to the upstream itself and to its tokens, so that a laptop sees the upstream's state and pull quota as the node's address
 * sees them. The asker's token passes; one try of 10 s at most.
 */
export function probeRoutes(upstream: Upstream): readonly Route[] {
  const names = edgeClusters(upstream.id);
  const registryHost = new URL(upstream.registry).host;
  const ways = [
    { prefix: upstreamProbePath(upstream.id, '/'), cluster: names.probe, host: registryHost },
    { prefix: tokenProbePath(upstream.id, '/'), cluster: names.token, host: upstream.tokenHost ?? registryHost },
  ];
  return ways.map(({ prefix, cluster, host }) => ({
    match: { prefix },
    route: { cluster, timeout: '10s', prefix_rewrite: '/', host_rewrite_literal: host },
    ...privacy,
  }));
}
