import { edgeClusters, edgeHostNames, edgeIdHeader, edgeRevisionHeader, namesOf } from '../../fleet/edge-names.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { extension } from './envoy-parts.ts';
import { type Route, answer, manifestPolicy, blobPolicy, withoutCredentials } from './route-parts.ts';
import { probeRoutes } from './probe-routes.ts';
import { contentHash } from './yaml-file.ts';

/** The public registry that a bare name such as `nginx` belongs to. */
const defaultUpstream = 'docker.io';

const manifestEnd = '(?:manifests/[^/]+|tags/list|referrers/[^/]+)';
const blobEnd = 'blobs/[^/:]+:[^/]+';

const notServed = 'this node does not mirror that registry';

/** A name as a regular expression; the colon of a port may come encoded. */
function literal(name: string): string {
  return name.replaceAll('.', '[.]').replaceAll(':', '(?::|%3[Aa])');
}

const anyOf = (names: readonly string[]): string => `(?:${names.map(literal).join('|')})`;

/** Refuses pushes, and answers a client's first question without asking any mirror. */
const firstRoutes: readonly Route[] = [
  {
    match: {
      prefix: '/',
      headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD' } }, invert_match: true }],
    },
    ...answer(405, 'UNSUPPORTED', 'this mirror is read-only'),
  },
  ping('/v2/?'),
];

function ping(path: string): Route {
  return {
    match: { safe_regex: { regex: path } },
    direct_response: { status: 200, body: { inline_string: '{}' } },
    response_headers_to_add: [
      { header: { key: 'content-type', value: 'application/json' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
      { header: { key: 'docker-distribution-api-version', value: 'registry/2.0' } },
    ],
  };
}

/**
 * The routes of one upstream for paths that begin with `prefix` (a regular expression ending in a slash). Docker Hub's single names get
 * their `library/` here, and nobody else's. The ends of paths are spelt out, because `blobs` and `manifests` may be part of a name too.
 */
function contentRoutes(upstream: Upstream, prefix: string, query: object = {}): readonly Route[] {
  const names = edgeClusters(upstream.id);
  const kinds = [
    { end: blobEnd, cluster: names.blob, policy: blobPolicy },
    { end: manifestEnd, cluster: names.manifest, policy: manifestPolicy },
  ];
  const route = (name: string, rewrite: object) =>
    kinds.map(({ end, cluster, policy }) => ({
      match: { safe_regex: { regex: `${prefix}${name}/${end}` }, ...query },
      route: { cluster, ...policy, ...rewrite },
      metadata: { filter_metadata: { mirrorfleet: { upstream: upstream.id } } },
      ...withoutCredentials,
    }));
  const rewriteTo = (pattern: string, substitution: string) => ({
    regex_rewrite: { pattern: { regex: pattern }, substitution },
  });
  const single =
    upstream.id === defaultUpstream ? route('[^/]+', rewriteTo(`^${prefix}([^/]+)/`, '/v2/library/\\1/')) : [];
  return [...single, ...route('.+', prefix === '/v2/' ? {} : rewriteTo(`^${prefix}`, '/v2/'))];
}

/**
 * `/v2/ghcr.io/…` and `/ghcr.io/v2/…`. containerd says with `ns` whose content it wants even here: where that is another upstream's, a
 * hosts.toml points at the wrong alias, and nothing is better than content under a wrong name.
 */
function aliasRoutes(upstream: Upstream): readonly Route[] {
  const names = anyOf(namesOf(upstream));
  return [`/v2/${names}/`, `/${names}/v2/`].flatMap((prefix) => [
    {
      match: {
        safe_regex: { regex: `${prefix}.*` },
        query_parameters: [{ name: 'ns', present_match: true }],
        headers: [
          { name: ':path', string_match: { safe_regex: { regex: `.*[?&]ns=${names}(?:&.*)?` } }, invert_match: true },
        ],
      },
      ...answer(404, 'NAME_UNKNOWN', `this path leads to ${upstream.id}, not to the registry that was asked for`),
    },
    ping(prefix),
    ...contentRoutes(upstream, prefix),
  ]);
}

/** `?ns=ghcr.io`, as containerd and Docker's containerd store send it. */
function namespaceRoutes(upstream: Upstream): readonly Route[] {
  const ns = { name: 'ns', string_match: { safe_regex: { regex: anyOf(namesOf(upstream)) } } };
  return contentRoutes(upstream, '/v2/', { query_parameters: [ns] });
}

const unknownNamespace: Route = {
  match: { prefix: '/', query_parameters: [{ name: 'ns', present_match: true }] },
  ...answer(404, 'NAME_UNKNOWN', notServed),
};

/** A first part with a dot or a port is a registry's name to every client; one that got here is not served. */
const unknownAlias: Route = {
  match: { safe_regex: { regex: `/v2/[^/]*[.:%][^/]*/.+/(?:${manifestEnd}|${blobEnd})` } },
  ...answer(404, 'NAME_UNKNOWN', notServed),
};

const nothing: Route = { match: { prefix: '/' }, ...answer(404, 'NAME_UNKNOWN', 'this node has nothing at that path') };

/** All upstreams behind one address: aliases, then `ns`, then docker.io; the first match wins. */
function sharedHost(upstreams: readonly Upstream[]): object {
  const fallback = upstreams.filter(({ id }) => id === defaultUpstream);
  return {
    name: 'default',
    domains: ['*'],
    routes: [
      ...firstRoutes,
      ...upstreams.flatMap(probeRoutes),
      ...upstreams.flatMap(aliasRoutes),
      ...upstreams.flatMap(namespaceRoutes),
      unknownNamespace,
      unknownAlias,
      ...fallback.flatMap((upstream) => contentRoutes(upstream, '/v2/')),
      nothing,
    ],
  };
}

/** One upstream behind a host name of its own: the node's `docker.mirror.example`, or the registry's name led here by somebody's DNS. */
function ownHost(upstream: Upstream, domains: readonly string[]): object {
  return {
    name: upstream.id,
    domains,
    routes: [
      ...firstRoutes,
      ...namespaceRoutes(upstream),
      unknownNamespace,
      ...contentRoutes(upstream, '/v2/'),
      nothing,
    ],
  };
}

const header = (key: string, value: string) => ({
  header: { key, value },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
});

/** The edge's routes, and the version by which they are known: in the file, in Envoy's statistics and in a header of every answer. */
export function edgeRoutes(address: string, upstreams: readonly Upstream[]): { version: string; resource: object } {
  const taken = new Set<string>();
  const claim = (name: string): boolean => !taken.has(name) && taken.add(name) !== undefined;
  const hosts = upstreams.map((upstream) => {
    const own = edgeHostNames(address, [upstream.id]).slice(1);
    const names = [...own, ...namesOf(upstream).map((name) => name.replace(/:\d+$/, ''))].filter(
      (name) => name !== address,
    );
    return { upstream, domains: names.filter(claim) };
  });
  const virtualHosts = [
    ...hosts.filter(({ domains }) => domains.length > 0).map(({ upstream, domains }) => ownHost(upstream, domains)),
    sharedHost(upstreams),
  ];
  const version = contentHash(virtualHosts);
  return {
    version,
    resource: {
      ...extension('config.route.v3.RouteConfiguration'),
      name: 'edge',
      ignore_port_in_host_matching: true,
      response_headers_to_add: [header(edgeIdHeader, '%STREAM_ID%'), header(edgeRevisionHeader, version)],
      virtual_hosts: virtualHosts,
    },
  };
}
