import { createHash } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { attachLab } from '../lab/lab.ts';

const lab = await attachLab();
const { internet } = lab;
const { gate, address } = internet;
const ca = await readFile(internet.caFile);
const resolver = new Resolver();
resolver.setServers([address]);

const accept =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, ' +
  'application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks as a client on the internet: the lab's name server, the lab's authority, the real host name. */
async function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const { hostname } = new URL(url);
  const [ip] = await resolver.resolve4(hostname);
  const headers = { host: hostname, accept, ...options.headers };
  const { pathname, search } = new URL(url);
  const method = options.method ?? 'GET';
  const request = httpsRequest({
    host: ip,
    path: pathname + search,
    method,
    headers,
    agent: false,
    servername: hostname,
    ca,
  });
  request.setTimeout(2_000, () => request.destroy(new Error('no answer within 2 s')));
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

/** Like a registry client: takes the challenge of a 401 to the token endpoint, comes back, follows redirects. */
async function pull(url: string, method = 'GET'): Promise<Answer> {
  const first = await ask(url, { method });
  if (first.status !== 401) return first;
  const [, realm = '', service = '', scope = ''] =
    /realm="([^"]+)",service="([^"]+)"(?:,scope="([^"]+)")?/.exec(first.headers['www-authenticate'] ?? '') ?? [];
  const answer = await ask(`${realm}?service=${service}&scope=${scope}`);
  if (answer.status !== 200) return answer;
  const { token } = JSON.parse(answer.body.toString()) as { token: string };
  const second = await ask(url, { method, headers: { authorization: `Bearer ${token}` } });
  return second.status === 307 ? ask(second.headers.location ?? '') : second;
}

const hub = 'https://registry-1.docker.io/v2';
const nginx = internet.image('docker.io/library/nginx:alpine');
const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const remaining = (answer: Answer): string | undefined => String(answer.headers['ratelimit-remaining']).split(';')[0];

beforeEach(async () => {
  await gate.clear();
  await gate.restore();
  await gate.resetRequests();
  await gate.setQuota(address, 100);
});

describe('the lab’s internet', () => {
  test('knows the registries’ names and says at once that others do not exist', async () => {
    for (const name of ['registry-1.docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io', 'mcr.microsoft.com'])
      expect(await resolver.resolve4(name)).toEqual([address]);
    await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('answers a name that a test adds', async () => {
    await internet.addName('tokyo.lab.test', '203.0.113.11');
    await expect.poll(() => resolver.resolve4('tokyo.lab.test').catch(() => [])).toEqual(['203.0.113.11']);
  });

  test('challenges as each real registry does', async () => {
    const challenges = ['registry-1.docker.io', 'ghcr.io', 'quay.io', 'gcr.io'].map(async (host) => {
      const { status, headers } = await ask(`https://${host}/v2/`);
      return `${status} ${headers['www-authenticate']}`;
    });
    expect(await Promise.all(challenges)).toEqual([
      '401 Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
      '401 Bearer realm="https://ghcr.io/token",service="ghcr.io"',
      '401 Bearer realm="https://quay.io/v2/auth",service="quay.io"',
      '401 Bearer realm="https://gcr.io/v2/token",service="gcr.io"',
    ]);
    expect((await ask('https://registry.k8s.io/v2/')).status).toBe(200);
  });

  test('gives a token only for the repository it was asked for, and counts it', async () => {
    const scope = 'repository:library/nginx:pull';
    const answer = await ask(`https://auth.docker.io/token?service=registry.docker.io&scope=${scope}`);
    const { token } = JSON.parse(answer.body.toString()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(`${hub}/library/nginx/manifests/alpine`, { headers })).status).toBe(200);
    expect((await ask(`${hub}/library/busybox/manifests/latest`, { headers })).status).toBe(401);
    expect(
      (await ask(`${hub}/library/nginx/manifests/alpine`, { headers: { authorization: 'Bearer x.y' } })).status,
    ).toBe(401);
    expect(await gate.requests({ kind: 'token' })).toMatchObject([
      { upstream: 'docker.io', status: 200, host: 'auth.docker.io' },
    ]);
  });

  test('keeps private repositories from anonymous clients', async () => {
    expect((await pull(`${hub}/corp/private/manifests/v1`)).status).toBe(401);
  });

  test('serves an index of several platforms whose every part has the promised digest', async () => {
    const index = await pull(`${hub}/library/nginx/manifests/alpine`);
    expect(digestOf(index.body)).toBe(nginx.digest);
    const { manifests } = JSON.parse(index.body.toString()) as {
      manifests: { digest: string; platform: { architecture: string } }[];
    };
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);
    for (const platform of nginx.platforms) {
      const manifest = await pull(`${hub}/library/nginx/manifests/${platform.manifestDigest}`);
      expect(digestOf(manifest.body)).toBe(platform.manifestDigest);
      const layer = platform.layers.at(-1);
      const blob = await pull(`${hub}/library/nginx/blobs/${layer?.digest}`);
      expect([digestOf(blob.body), blob.body.length]).toEqual([layer?.digest, layer?.size]);
    }
  });

  test('sends blobs of Docker Hub from another host', async () => {
    const digest = nginx.platforms[0]?.layers[0]?.digest;
    await pull(`${hub}/library/nginx/blobs/${digest}`);
    const hosts = (await gate.requests({ kind: 'blobs' })).map(({ host, status }) => `${status} ${host}`);
    expect(hosts).toEqual([
      '401 registry-1.docker.io',
      '307 registry-1.docker.io',
      '200 production.cloudflare.docker.com',
    ]);
  });

  test('has one name with different content on two upstreams, and one layer on both', async () => {
    const other = await pull('https://ghcr.io/v2/library/nginx/manifests/alpine');
    expect(other.status).toBe(200);
    expect(digestOf(other.body)).not.toBe(nginx.digest);
    const layersOf = (reference: string) => internet.image(reference).platforms[0]?.layers.map(({ digest }) => digest);
    const shared = layersOf('docker.io/library/nginx:alpine')?.[0] ?? '';
    expect(layersOf('ghcr.io/org/app:v1')).toContain(shared);
    expect(digestOf((await pull(`https://ghcr.io/v2/org/app/blobs/${shared}`)).body)).toBe(shared);
  });
});

describe('Docker Hub’s pull limit', () => {
  const url = `${hub}/ratelimitpreview/test/manifests/latest`;

  test('counts GET and not HEAD, per address', async () => {
    await gate.setQuota(address, 10);
    expect(remaining(await pull(url, 'HEAD'))).toBe('10');
    const got = await pull(url);
    expect(remaining(got)).toBe('9');
    expect(got.headers['ratelimit-limit']).toBe('100;w=21600');
    expect(got.headers['docker-ratelimit-source']).toBe(address);
    expect(remaining(await pull(url, 'HEAD'))).toBe('9');
  });

  test('answers 429 in Docker Hub’s words when it is used up, while HEAD still works', async () => {
    await gate.setQuota(address, 1);
    expect((await pull(url)).status).toBe(200);
    const refused = await pull(url);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body.toString())).toMatchObject({ errors: [{ code: 'TOOMANYREQUESTS' }] });
    expect((await pull(url, 'HEAD')).status).toBe(200);
  });
});

describe('a fault', () => {
  const manifest = 'https://ghcr.io/v2/org/app/manifests/v1';
  const layer = internet.image('ghcr.io/org/app:v1').platforms[0]?.layers[1];
  const blob = `https://ghcr.io/v2/org/app/blobs/${layer?.digest}`;

  test.each([401, 403, 404, 429, 500, 503] as const)(
    'answers %i as often as asked, on the kind asked for',
    async (status) => {
      await gate.fault('ghcr.io', { kind: 'status', status, on: 'manifests', times: 1 });
      expect((await pull(blob)).status).toBe(200);
      expect((await ask(manifest)).status).toBe(status);
      expect((await pull(manifest)).status).toBe(200);
      expect(await gate.requests({ status, pathIncludes: '/manifests/' })).toContainEqual(
        expect.objectContaining({ fault: 'status' }),
      );
    },
  );

  test('hangs, and stays in the log without a status', async () => {
    await gate.fault('ghcr.io', { kind: 'hang', on: 'token' });
    await expect(pull(manifest)).rejects.toThrow('no answer');
    expect(await gate.requests({ fault: 'hang' })).toMatchObject([{ kind: 'token', status: 0 }]);
  });

  test('closes the connection', async () => {
    await gate.fault('ghcr.io', { kind: 'close', times: 1 });
    await expect(ask(manifest)).rejects.toThrow(/hang up|ECONNRESET/);
  });

  test('cuts a body after the given bytes', async () => {
    await gate.fault('ghcr.io', { kind: 'cut', afterBytes: 100_000, on: 'blobs' });
    await expect(pull(blob)).rejects.toThrow('aborted');
    expect(await gate.requests({ kind: 'blobs', status: 200 })).toMatchObject([{ bytes: 100_000 }]);
  });

  test('slows a body down', async () => {
    await gate.fault('ghcr.io', { kind: 'slow', bytesPerSecond: 1_000, on: 'manifests' });
    const started = Date.now();
    const { body } = await pull(manifest);
    expect(Date.now() - started).toBeGreaterThanOrEqual(body.length * 0.9);
  });

  test('delays an answer', async () => {
    await gate.fault('ghcr.io', { kind: 'delay', milliseconds: 300, on: 'ping' });
    const started = Date.now();
    await ask('https://ghcr.io/v2/');
    expect(Date.now() - started).toBeGreaterThanOrEqual(300);
  });

  test('serves a web page with 200', async () => {
    await gate.fault('ghcr.io', { kind: 'html' });
    expect(await ask(manifest)).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
  });

  test('serves wrong bytes of the right length', async () => {
    await gate.fault('ghcr.io', { kind: 'wrong bytes', on: 'blobs' });
    const { body } = await pull(blob);
    expect(body.length).toBe(layer?.size);
    expect(digestOf(body)).not.toBe(layer?.digest);
  });

  test('leaves other upstreams alone', async () => {
    await gate.fault('ghcr.io', { kind: 'status', status: 500 });
    expect((await pull(`${hub}/library/nginx/manifests/alpine`)).status).toBe(200);
  });

  test('cuts an upstream off below TLS, and restores it', async () => {
    await gate.cut('ghcr.io');
    await expect(ask(manifest)).rejects.toThrow(/ECONNRESET|disconnected/);
    expect((await ask('https://quay.io/v2/')).status).toBe(401);
    await gate.cut('ghcr.io', 'silent');
    await expect(ask(manifest)).rejects.toThrow('no answer');
    await gate.restore('ghcr.io');
    expect((await pull(manifest)).status).toBe(200);
  });
});
