import { upstreamOf } from '../fleet/upstreams.ts';
import type { MirrorEndpoint } from './runtime.ts';

/** A registry as image references name it, with the endpoints that serve it, in the order of the route. */
export interface MirroredName {
  readonly name: string;
  /** The upstream's own API, for falling back to: `https://registry-1.docker.io`. */
  readonly registry: string;
  readonly endpoints: readonly MirrorEndpoint[];
}

/**
 * Every registry name that these endpoints serve, sorted: each upstream's own and the other names images still carry (k8s.gcr.io). Docker
 * Hub's API hosts are no such names: engines take them for docker.io or nobody uses them. Pure.
 */
export function mirroredNames(endpoints: readonly MirrorEndpoint[]): readonly MirroredName[] {
  const upstreams = [...new Set(endpoints.flatMap((endpoint) => endpoint.upstreams))];
  return upstreams
    .flatMap((upstream) => {
      const { id, aliases, registry } = upstreamOf(upstream);
      const serving = endpoints.filter((endpoint) => endpoint.upstreams.includes(upstream));
      const names = id === 'docker.io' ? [id] : [id, ...aliases];
      return names.map((name) => ({ name, registry, endpoints: serving }));
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
