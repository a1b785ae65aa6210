/** A registry of the lab's internet: the names it answers to and its habits, as measured on the real one. */
export interface Upstream {
  /** The name that image references use. */
  readonly name: UpstreamName;
  /** Host names that serve `/v2/`; the first is where clients go. */
  readonly hosts: readonly [string, ...string[]];
  /** The loopback port, inside the switch, of its `registry`: open to pushes by tests. */
  readonly port: number;
  /** Absent where the real registry serves everybody without a token. */
  readonly token?: { readonly host: string; readonly path: string; readonly service: string };
  /** Host that blobs are redirected to. */
  readonly blobHost?: string;
  /** Manifest downloads allowed in six hours, per address or per account. */
  readonly quota?: { readonly anonymous: number; readonly account: number };
}

export const upstreamNames = [
  'docker.io',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'registry.k8s.io',
  'mcr.microsoft.com',
] as const;
export type UpstreamName = (typeof upstreamNames)[number];

export const upstreams: readonly Upstream[] = [
  {
    name: 'docker.io',
    hosts: ['registry-1.docker.io', 'index.docker.io'],
    port: 5101,
    token: { host: 'auth.docker.io', path: '/token', service: 'registry.docker.io' },
    blobHost: 'production.cloudflare.docker.com',
    quota: { anonymous: 100, account: 200 },
  },
  { name: 'ghcr.io', hosts: ['ghcr.io'], port: 5102, token: { host: 'ghcr.io', path: '/token', service: 'ghcr.io' } },
  { name: 'quay.io', hosts: ['quay.io'], port: 5103, token: { host: 'quay.io', path: '/v2/auth', service: 'quay.io' } },
  { name: 'gcr.io', hosts: ['gcr.io'], port: 5104, token: { host: 'gcr.io', path: '/v2/token', service: 'gcr.io' } },
  { name: 'registry.k8s.io', hosts: ['registry.k8s.io', 'k8s.gcr.io'], port: 5105 },
  { name: 'mcr.microsoft.com', hosts: ['mcr.microsoft.com'], port: 5106 },
];

/** Where Debian's packages come from, over plain HTTP. */
export const packageHost = 'deb.debian.org';

/** Every host name of one upstream. */
export function hostsOf({ hosts, token, blobHost }: Upstream): readonly string[] {
  return [...new Set([...hosts, ...(token ? [token.host] : []), ...(blobHost ? [blobHost] : [])])];
}

export function upstreamByHost(host: string): Upstream | undefined {
  return upstreams.find((upstream) => hostsOf(upstream).includes(host));
}
