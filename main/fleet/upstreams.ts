/**
 * A public registry that is mirrored. `id` is the name in image references, `registry` where its API really lives, `aliases` other names
 * people and engines use for it, `label` the first label of its own host name on a node (`docker` for `docker.mirror.example`),
 * `tokenHost` the host that gives out tokens where that is another than the registry, `probe` a small public image that has existed for years (repository and tag), which probes and proofs ask for.
 */
export interface Upstream {
  readonly id: string;
  readonly registry: string;
  readonly aliases: readonly string[];
  readonly label?: string;
  readonly tokenHost?: string;
  readonly probe: { readonly repository: string; readonly tag: string };
}

/** The upstreams Mirrorfleet knows. Anything else a person names is an upstream too, reached at `https://<id>`, see {@link upstreamOf}. */
export const catalogue: readonly Upstream[] = [
  {
    id: 'docker.io',
    registry: 'https://registry-1.docker.io',
    aliases: ['registry-1.docker.io', 'index.docker.io'],
    label: 'docker',
    tokenHost: 'auth.docker.io',
    probe: { repository: 'library/busybox', tag: 'latest' },
  },
  {
    id: 'ghcr.io',
    registry: 'https://ghcr.io',
    aliases: [],
    label: 'ghcr',
    probe: { repository: 'containerd/busybox', tag: '1.36' },
  },
  {
    id: 'quay.io',
    registry: 'https://quay.io',
    aliases: [],
    label: 'quay',
    probe: { repository: 'prometheus/busybox', tag: 'latest' },
  },
  {
    id: 'gcr.io',
    registry: 'https://gcr.io',
    aliases: [],
    label: 'gcr',
    probe: { repository: 'distroless/static', tag: 'nonroot' },
  },
  {
    id: 'registry.k8s.io',
    registry: 'https://registry.k8s.io',
    aliases: ['k8s.gcr.io'],
    label: 'k8s',
    probe: { repository: 'pause', tag: '3.10' },
  },
  {
    id: 'mcr.microsoft.com',
    registry: 'https://mcr.microsoft.com',
    aliases: [],
    label: 'mcr',
    probe: { repository: 'hello-world', tag: 'latest' },
  },
];

/** The five that a node serves unless a person says otherwise. */
export const defaultUpstreams: readonly string[] = ['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io'];

/** The upstream of that name or alias; an unknown name is taken as the registry's own host, probed by its `/v2/` only. */
export function upstreamOf(name: string): Upstream {
  const known = catalogue.find((each) => each.id === name || each.aliases.includes(name));
  return known ?? { id: name, registry: `https://${name}`, aliases: [], probe: { repository: '', tag: '' } };
}
