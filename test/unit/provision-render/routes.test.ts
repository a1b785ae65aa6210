import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { edgeRoutes } from '../../../main/provision/render/routes.ts';
import { RouteMatcher } from './route-matcher.ts';
import { rendered, served, upstreams } from './rendered-node.ts';

/** Rendered anew by each test, so that a run over mutants knows which test meets which. */
const routesOf = (names: readonly string[] = upstreams, address = 'mirror.example'): RouteMatcher =>
  new RouteMatcher(edgeRoutes(address, served(names)).resource);
const digest = `sha256:${'a'.repeat(64)}`;
const nothing = { status: 404 };

describe('a request', () => {
  it.each([
    ['/v2/', { status: 200 }],
    ['/v2', { status: 200 }],
    ['/v2/ghcr.io/', { status: 200 }],
    ['/docker.io/v2/', { status: 200 }],
    ['/v2/org/app/manifests/v1', { cluster: 'docker_io_manifest', path: '/v2/org/app/manifests/v1' }],
    ['/v2/nginx/manifests/v1', { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' }],
    [`/v2/nginx/blobs/${digest}`, { cluster: 'docker_io_blob', path: `/v2/library/nginx/blobs/${digest}` }],
    ['/v2/nginx/tags/list', { cluster: 'docker_io_manifest', path: '/v2/library/nginx/tags/list' }],
    [`/v2/nginx/referrers/${digest}`, { cluster: 'docker_io_manifest', path: `/v2/library/nginx/referrers/${digest}` }],
    ['/v2/library/nginx/manifests/v1', { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' }],
    ['/v2/docker.io/nginx/manifests/v1', { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' }],
    [
      '/index.docker.io/v2/nginx/manifests/v1',
      { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' },
    ],
    ['/v2/nginx/manifests/v1?ns=docker.io', { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' }],
    ['/v2/quay.io/nginx/manifests/v1', { cluster: 'quay_io_manifest', path: '/v2/nginx/manifests/v1' }],
    ['/v2/nginx/manifests/v1?ns=quay.io', { cluster: 'quay_io_manifest', path: '/v2/nginx/manifests/v1' }],
    [`/v2/ghcr.io/a/b/c/blobs/${digest}`, { cluster: 'ghcr_io_blob', path: `/v2/a/b/c/blobs/${digest}` }],
    [`/ghcr.io/v2/a/b/blobs/${digest}?ns=ghcr.io`, { cluster: 'ghcr_io_blob', path: `/v2/a/b/blobs/${digest}` }],
    [
      '/v2/pause/manifests/3.10?ns=k8s.gcr.io',
      { cluster: 'registry_k8s_io_manifest', path: '/v2/pause/manifests/3.10' },
    ],
    ['/v2/k8s.gcr.io/pause/manifests/3.10', { cluster: 'registry_k8s_io_manifest', path: '/v2/pause/manifests/3.10' }],
    [
      '/v2/registry.example:5000/a/manifests/v1',
      { cluster: 'registry_example__5000_manifest', path: '/v2/a/manifests/v1' },
    ],
    [
      '/v2/a/manifests/v1?ns=registry.example%3A5000',
      { cluster: 'registry_example__5000_manifest', path: '/v2/a/manifests/v1' },
    ],
    ['/v2/org/blobs/app/manifests/v1', { cluster: 'docker_io_manifest', path: '/v2/org/blobs/app/manifests/v1' }],
    [`/v2/org/manifests/blobs/${digest}`, { cluster: 'docker_io_blob', path: `/v2/org/manifests/blobs/${digest}` }],
    ['/.mirrorfleet/upstream/ghcr.io/v2/', { cluster: 'ghcr_io_probe', path: '/v2/' }],
    ['/.mirrorfleet/token/docker.io/token?service=x', { cluster: 'docker_io_token', path: '/token' }],
    ['/v2/org/app/manifests/v1?ns=gcr.io', nothing],
    ['/v2/org/app/manifests/v1?ns=', nothing],
    ['/v2/gcr.io/org/app/manifests/v1', nothing],
    ['/v2/localhost:5000/app/manifests/v1', nothing],
    ['/v2/docker.io/org/app/manifests/v1?ns=gcr.io', nothing],
    ['/v2/docker.io/org/app/manifests/v1?x=1&ns=quay.io', nothing],
    ['/v2/_catalog', nothing],
    ['/v2/org/app/blobs/uploads/', nothing],
    ['/', nothing],
    ['/.mirrorfleet/upstream/gcr.io/v2/', nothing],
  ])('for %s goes where it should', (url, expected) => {
    expect(routesOf().match(url)).toEqual(expected);
  });

  it.each([
    ['ghcr.io', '/v2/nginx/manifests/v1', { cluster: 'ghcr_io_manifest', path: '/v2/nginx/manifests/v1' }],
    [
      'docker.mirror.example',
      '/v2/nginx/manifests/v1',
      { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' },
    ],
    [
      'k8s.mirror.example',
      '/v2/pause/manifests/1',
      { cluster: 'registry_k8s_io_manifest', path: '/v2/pause/manifests/1' },
    ],
    [
      'k8s.mirror.example',
      '/v2/pause/manifests/1?ns=k8s.gcr.io',
      { cluster: 'registry_k8s_io_manifest', path: '/v2/pause/manifests/1' },
    ],
    ['k8s.mirror.example', '/v2/pause/manifests/1?ns=docker.io', nothing],
    [
      'registry.example',
      '/v2/a/manifests/1',
      { cluster: 'registry_example__5000_manifest', path: '/v2/a/manifests/1' },
    ],
    [
      'anything.example',
      '/v2/nginx/manifests/v1',
      { cluster: 'docker_io_manifest', path: '/v2/library/nginx/manifests/v1' },
    ],
  ])('to the host %s for %s goes where it should', (host, url, expected) => {
    expect(routesOf().match(url, { host })).toEqual(expected);
  });

  it('that is neither GET nor HEAD is refused, wherever it leads', () => {
    const routes = routesOf();
    const methods = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE');
    const paths = fc.constantFrom(
      '/',
      '/v2/',
      '/v2/nginx/manifests/v1',
      '/v2/ghcr.io/a/blobs/uploads/',
      '/.mirrorfleet/upstream/ghcr.io/v2/',
    );
    const hosts = fc.constantFrom('mirror.example', 'ghcr.io', 'docker.mirror.example');
    fc.assert(
      fc.property(methods, paths, hosts, (method, path, host) => {
        expect(routes.match(path, { method, host })).toEqual({ status: 405 });
      }),
    );
  });

  it('for a registry that is not mirrored never reaches a mirror, in any form', () => {
    const routes = routesOf();
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
    const registry = fc
      .tuple(label, label, fc.option(fc.integer({ min: 1, max: 65535 })))
      .map(([first, last, port]) => `${first}.${last}${port === null ? '' : `:${port}`}`)
      .filter((name) => !upstreams.includes(name));
    fc.assert(
      fc.property(registry, label, (name, repository) => {
        for (const url of [
          `/v2/${repository}/manifests/v1?ns=${encodeURIComponent(name)}`,
          `/v2/${name}/${repository}/manifests/v1`,
          `/${name}/v2/${repository}/manifests/v1`,
          `/v2/${name}/${repository}/blobs/${digest}`,
        ]) {
          expect(routes.match(url)).toEqual(nothing);
        }
      }),
    );
  });

  it('for docker.io finds nothing on a node that does not mirror it', () => {
    const other = routesOf(['ghcr.io']);
    for (const url of [
      '/v2/nginx/manifests/v1',
      '/v2/library/nginx/manifests/v1',
      '/v2/docker.io/nginx/manifests/v1',
    ]) {
      expect(other.match(url)).toEqual(nothing);
    }
  });
});

describe('the routes', () => {
  it('take credentials off everything that goes to a mirror, and leave them on the way to the upstream itself', () => {
    const sent = routesOf()
      .hosts.flatMap((host) => host.routes)
      .flatMap((each) => (each.route ? [{ ...each, cluster: each.route.cluster }] : []));
    expect(sent.length).toBeGreaterThan(50);
    for (const { cluster, request_headers_to_remove: removed } of sent) {
      expect(removed.includes('authorization')).toBe(!/_(probe|token)$/.test(cluster));
    }
  });

  it('name only clusters that exist, and so do aggregates and the metrics routes', () => {
    const file = rendered();
    const { resources } = parse(file('envoy/xds/cds.yaml').text) as {
      resources: { name: string; cluster_type?: { typed_config: { clusters?: string[] } } }[];
    };
    const names = [...resources.map(({ name }) => name), 'admin'];
    expect(new Set(names).size).toBe(names.length);
    const used = ['rds', 'metrics', 'lds'].flatMap((each) =>
      [...file(`envoy/xds/${each}.yaml`).text.matchAll(/ cluster: (\w+)$/gm)].map((match) => match[1]),
    );
    const members = resources.flatMap((each) => each.cluster_type?.typed_config.clusters ?? []);
    for (const name of [...used, ...members]) expect(names).toContain(name);
  });

  it('claim each host name once, also where an upstream and the node share one', () => {
    for (const { hosts } of [
      routesOf(upstreams, 'ghcr.io'),
      routesOf(upstreams, '203.0.113.11'),
      routesOf(['a.example', 'a.example:5000']),
    ]) {
      const domains = hosts.flatMap((host) => host.domains);
      expect(new Set(domains).size).toBe(domains.length);
      expect(domains).not.toContain('docker.203.0.113.11');
    }
  });

  it('are known by their content: the same again is the same version, another upstream another', () => {
    const version = (...names: string[]) => edgeRoutes('mirror.example', served(names)).version;
    expect(version('docker.io')).toBe(version('docker.io'));
    expect(version('docker.io')).not.toBe(version('docker.io', 'ghcr.io'));
    expect(parse(rendered({ upstreams: ['docker.io'] })('envoy/xds/rds.yaml').text)).toMatchObject({
      version_info: version('docker.io'),
    });
  });
});
