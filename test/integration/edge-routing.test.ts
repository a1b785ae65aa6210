import { parseEdgeLogLine } from '../../main/fleet/edge-log.ts';
import { mirrorPort } from '../../main/provision/render/container-paths.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  certificateVersionStat,
  clustersVersionStat,
  listenersVersionStat,
  metricsHeader,
  routesVersionStat,
} from '../../main/fleet/edge-names.ts';
import { metricsToken, EdgeStand } from './edge-stand.ts';

let stand: EdgeStand;
const published: Record<string, { manifest: string; layer: string }> = {};

beforeAll(async () => {
  stand = await EdgeStand.start(['docker.io', 'ghcr.io', 'quay.io']);
  for (const [upstream, repository] of [
    ['docker.io', 'library/nginx'],
    ['docker.io', 'org/blobs/tool'],
    ['docker.io', 'shared/app'],
    ['ghcr.io', 'shared/app'],
    ['ghcr.io', 'only/here'],
    ['quay.io', 'nginx'],
  ] as const) {
    published[`${upstream}/${repository}`] = await stand.publish(
      upstream,
      repository,
      'v1',
      `layer of ${upstream}/${repository}`,
    );
  }
});
afterAll(() => stand.close());

const digestOf = (image: string): string => published[image]?.manifest ?? 'not published';

describe('the edge', () => {
  it('takes every rendered file without a complaint', async () => {
    const said = (await stand.output('envoy')).split('\n').filter((line) => parseEdgeLogLine(line) === undefined);
    expect(said.join('\n').trim()).toBe('');
    for (const counter of [
      'cluster_manager.cds',
      'listener_manager.lds',
      'http.https.rds.edge',
      'http.metrics.rds.metrics',
    ]) {
      expect(await stand.stat(`${counter}.update_rejected`)).toBe('0');
      expect(await stand.stat(`${counter}.update_failure`)).toBe('0');
    }
    expect(await stand.stat('server.dynamic_unknown_fields')).toBe('0');
    for (const version of [routesVersionStat, clustersVersionStat, listenersVersionStat, certificateVersionStat]) {
      expect(await stand.stat(version)).toMatch(/^[0-9a-f]{16}$/);
    }
    expect((await stand.ask('/v2/')).headers['x-edge-rev']).toBe(await stand.stat(routesVersionStat));
  });

  it.each([
    ['a bare name, which is docker.io', '/v2/library/nginx/manifests/v1', 'docker.io/library/nginx'],
    ['a single name, which is library/', '/v2/nginx/manifests/v1', 'docker.io/library/nginx'],
    ['an alias after /v2/', '/v2/ghcr.io/only/here/manifests/v1', 'ghcr.io/only/here'],
    ['an alias before /v2/', '/ghcr.io/v2/only/here/manifests/v1', 'ghcr.io/only/here'],
    ['an alias that containerd repeats as ns', '/v2/ghcr.io/only/here/manifests/v1?ns=ghcr.io', 'ghcr.io/only/here'],
    ['ns', '/v2/only/here/manifests/v1?ns=ghcr.io', 'ghcr.io/only/here'],
    ['ns of docker.io', '/v2/library/nginx/manifests/v1?ns=docker.io', 'docker.io/library/nginx'],
    [
      "ns of docker.io's other name, single name",
      '/v2/nginx/manifests/v1?ns=registry-1.docker.io',
      'docker.io/library/nginx',
    ],
    ['a single name under docker.io after /v2/', '/v2/docker.io/nginx/manifests/v1', 'docker.io/library/nginx'],
    ['a single name under docker.io before /v2/', '/docker.io/v2/nginx/manifests/v1', 'docker.io/library/nginx'],
    ['a single name elsewhere, which stays single', '/v2/quay.io/nginx/manifests/v1', 'quay.io/nginx'],
    ['a name with a part called blobs', '/v2/org/blobs/tool/manifests/v1', 'docker.io/org/blobs/tool'],
    ['a name that two upstreams have', '/v2/shared/app/manifests/v1?ns=ghcr.io', 'ghcr.io/shared/app'],
    ['the same name on the other', '/v2/shared/app/manifests/v1', 'docker.io/shared/app'],
  ])('serves %s', async (_, path, image) => {
    const answer = await stand.ask(path);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers['docker-content-digest']).toBe(digestOf(image));
    const layer = path.replace('manifests/v1', `blobs/${published[image]?.layer}`);
    expect(await stand.ask(layer)).toMatchObject({ status: 200, body: `layer of ${image}` });
  });

  it.each([
    ["the upstream's own name", 'ghcr.io', '/v2/only/here/manifests/v1', 'ghcr.io/only/here'],
    ["a name of the node's own", 'docker.mirror.example', '/v2/nginx/manifests/v1', 'docker.io/library/nginx'],
  ])('serves by host name: %s', async (_, host, path, image) => {
    const answer = await stand.ask(path, { host });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers['docker-content-digest']).toBe(digestOf(image));
  });

  it.each([
    ['a registry it does not mirror, by ns', '/v2/library/nginx/manifests/v1?ns=registry.example', undefined],
    ['a registry it does not mirror, by alias', '/v2/registry.example/library/nginx/manifests/v1', undefined],
    ['an alias that contradicts ns', '/v2/docker.io/library/nginx/manifests/v1?ns=quay.io', undefined],
    ['a host that contradicts ns', '/v2/shared/app/manifests/v1?ns=quay.io', 'docker.mirror.example'],
    ['a path that is no image', '/v2/_catalog', undefined],
  ])('answers 404 in JSON for %s, and asks nobody', async (_, path, host) => {
    const answer = await stand.ask(path, host === undefined ? {} : { host });
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] });
    expect(await stand.logLine(answer.headers['x-edge-id'])).toMatchObject({ details: 'direct_response' });
  });

  it("gives no upstream's content under another's name, neither manifest nor layer", async () => {
    const only = published['ghcr.io/only/here'];
    expect(await stand.ask('/v2/ghcr.io/only/here/manifests/v1')).toMatchObject({ status: 200 });
    expect(await stand.ask(`/v2/ghcr.io/only/here/blobs/${only?.layer}`)).toMatchObject({ status: 200 });
    expect(await stand.ask('/v2/quay.io/only/here/manifests/v1')).toMatchObject({ status: 404 });
    expect(await stand.ask(`/v2/quay.io/only/here/blobs/${only?.layer}`)).toMatchObject({ status: 404 });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await stand.ask('/v2/library/nginx/blobs/uploads/', { more: ['-X', method] });
    expect(answer).toMatchObject({ status: 405 });
    expect(answer.body).toContain('this mirror is read-only');
  });

  it('does not let a path climb out of its upstream', async () => {
    expect((await stand.ask('/v2/quay.io/../ghcr.io/only/here/manifests/v1')).headers['docker-content-digest']).toBe(
      digestOf('ghcr.io/only/here'),
    );
    expect(await stand.ask('/v2/quay.io/x/..%2f..%2f..%2fghcr.io/only/here/manifests/v1')).toMatchObject({
      status: 400,
    });
    expect(await stand.ask('/v2/quay.io/%2e%2e/ghcr.io/only/here/manifests/v1')).not.toMatchObject({ status: 500 });
  });

  it('logs who asked for what of whom, under the id that the answer carries', async () => {
    const { serial, fingerprint } = await stand.client('phone');
    const answer = await stand.ask('/v2/nginx/manifests/v1?ns=docker.io', {
      client: 'phone',
      more: ['-A', 'probe/1', '-H', 'Authorization: Basic eDp5', '-H', 'X-Request-Id: chosen'],
    });
    expect(answer.headers['x-edge-id']).not.toBe('chosen');
    const line = await stand.logLine(answer.headers['x-edge-id']);
    expect(line).toMatchObject({
      method: 'GET',
      path: '/v2/nginx/manifests/v1?ns=docker.io',
      upstreamPath: '/v2/library/nginx/manifests/v1?ns=docker.io',
      upstream: 'docker.io',
      status: 200,
      cluster: 'docker_io_manifest',
      upstreamHost: `${stand.addressOf('docker.io')}:${mirrorPort('docker.io')}`,
      tries: 1,
      peer: 'CN=phone',
      peerSerial: serial.toLowerCase(),
      peerFingerprint: fingerprint,
      agent: 'probe/1',
      client: '127.0.0.1',
      digest: digestOf('docker.io/library/nginx'),
    });
    expect(JSON.stringify(line)).not.toContain('Basic');
  });
});

describe('the ways to the upstream itself', () => {
  it("show the upstream's own answer, its quota headers too", async () => {
    const answer = await stand.ask('/.mirrorfleet/upstream/docker.io/v2/library/nginx/manifests/v1', { more: ['-I'] });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'x-upstream': 'docker.io', 'ratelimit-remaining': '97;w=21600' },
    });
    expect(await stand.ask('/.mirrorfleet/token/docker.io/v2/')).toMatchObject({
      status: 200,
      headers: { 'x-upstream': 'docker.io' },
    });
    expect(await stand.ask('/.mirrorfleet/upstream/quay.io/v2/')).toMatchObject({
      status: 200,
      headers: { 'x-upstream': 'quay.io' },
    });
  });

  it('are read-only, and lead to no other host', async () => {
    expect(await stand.ask('/.mirrorfleet/upstream/docker.io/v2/', { more: ['-X', 'POST'] })).toMatchObject({
      status: 405,
    });
    expect(await stand.ask('/.mirrorfleet/upstream/registry.example/v2/')).toMatchObject({ status: 404 });
  });
});

describe("the node's loopback port", () => {
  it("answers Envoy's figures and each registry's, to GET only", async () => {
    expect(await stand.metrics('/ready')).toMatchObject({ status: 200, body: 'LIVE\n' });
    expect((await stand.metrics('/stats/prometheus')).body).toContain(
      'envoy_cluster_upstream_rq_total{envoy_cluster_name="docker_io_first"}',
    );
    for (const registry of ['docker.io', 'ghcr.io', 'offline']) {
      expect((await stand.metrics(`/registry/${registry}/metrics`)).body).toContain('registry_http_in_flight_requests');
    }
    expect((await stand.metrics('/registry/docker.io/metrics')).body).toContain(
      'registry_proxy_requests_total{type="manifest"}',
    );
    for (const path of ['/config_dump', '/quitquitquit', '/runtime', '/registry/docker.io/debug/pprof/']) {
      expect(await stand.metrics(path)).toMatchObject({ status: 404 });
    }
    const token = `${metricsHeader}: ${metricsToken.reveal()}`;
    expect(await stand.curl('http://127.0.0.1:9902/stats', '-X', 'POST', '-H', token)).toMatchObject({ status: 404 });
  });

  it('says 404 and nothing else without its token, or with another one', async () => {
    const wrong = ['', 'another', `${metricsToken.reveal()}x`, metricsToken.reveal().slice(1)];
    for (const path of ['/stats', '/ready', '/stats/prometheus', '/registry/docker.io/metrics', '/config_dump']) {
      const url = `http://127.0.0.1:9902${path}`;
      expect((await stand.metrics(path)).status).toBe(path === '/config_dump' ? 404 : 200);
      const answers = [await stand.curl(url)];
      for (const token of wrong) answers.push(await stand.curl(url, '-H', `${metricsHeader}: ${token}`));
      for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: '' });
    }
    expect(await stand.output('envoy')).not.toContain(metricsToken.reveal());
  });
});
