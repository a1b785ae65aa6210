import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority, issueClient, issueServer } from '../../main/certificates/authority.ts';
import { type RegistryClientOptions, createRegistryClient } from '../../main/hosts/registry-client.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import { envoyBinary } from '../lab/artefacts.ts';
import { attachLab } from '../lab/lab.ts';
import { freePort } from './hosts-sshd.ts';

async function problemFrom(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('no problem');
}
const codeFrom = async (promise: Promise<unknown>) => (await problemFrom(promise)).code;

const { internet } = await attachLab();
const { gate } = internet;
const ca = await readFile(internet.caFile, 'utf8');
const hub = (more: Partial<RegistryClientOptions> = {}) =>
  createRegistryClient({ baseUrl: 'https://registry-1.docker.io', identity: { ca }, timeoutMs: 2_000, ...more });
const image =
  internet.images.find((each) => each.upstream === 'docker.io' && each.platforms.length > 1) ?? expect.unreachable();
const [platform] = image.platforms;
const tag = image.tags[0] ?? '';
const platformName = `linux/${platform?.architecture ?? ''}`;

describe('the registry protocol, spoken to an upstream', () => {
  beforeEach(async () => {
    await gate.clear();
    await gate.restore();
  });

  it('answers a ping with whatever status there is, and its timings', async () => {
    const answer = await hub().ping();
    expect(answer.status).toBe(401);
    expect(answer.timings.connectMs).toBeGreaterThan(0);
    expect(answer.timings.tlsMs).toBeGreaterThan(0);
    expect(answer.timings.totalMs).toBeGreaterThanOrEqual(answer.timings.firstByteMs);
  });

  it('fetches an anonymous token by itself, once for many requests', async () => {
    const client = hub();
    await gate.resetRequests();
    const head = await client.manifest(image.repository, tag, { method: 'HEAD' });
    const get = await client.manifest(image.repository, tag);
    expect([head.digest, get.digest, get.mediaType]).toEqual([image.digest, image.digest, image.mediaType]);
    expect(get.headers['ratelimit-limit']).toMatch(/^100/);
    expect((await gate.requests({ upstream: 'docker.io' })).filter((each) => each.kind === 'token')).toHaveLength(1);
  });

  it('pulls a whole image of one platform, following redirects and checking every digest', async () => {
    let heard = 0;
    const pulled = await hub().pull(image.repository, tag, {
      platform: platformName,
      onBytes: (bytes) => (heard = bytes),
    });
    const layers = new Set(platform?.layers.map((each) => each.digest));
    expect(pulled.digest).toBe(image.digest);
    expect(pulled.blobs).toBe(layers.size + 1);
    expect(pulled.bytes).toBeGreaterThan(platform?.size ?? 0);
    expect(heard).toBe(pulled.bytes);
    expect(await codeFrom(hub().pull(image.repository, tag, { platform: 'plan9/mips' }))).toBe('platform-missing');
  });

  it('reads a blob whole, in part, or only to its first byte', async () => {
    const app = internet.image('registry.k8s.io/pause:3.10');
    const layer = app.platforms[0]?.layers[0] ?? expect.unreachable();
    const client = hub({ baseUrl: 'https://registry.k8s.io' });
    const whole = await client.blob(app.repository, layer.digest);
    expect([whole.bytes, whole.verified]).toEqual([layer.size, true]);
    const part = await client.blob(app.repository, layer.digest, { range: [0, 99] });
    expect([part.status, part.bytes, part.verified]).toEqual([206, 100, false]);
    const first = await client.blob(app.repository, layer.digest, { firstByteOnly: true });
    expect(first.verified).toBe(false);
    expect(first.bytes).toBeGreaterThan(0);
  });

  it('notices damaged bytes', async () => {
    await gate.fault('docker.io', { kind: 'wrong bytes', on: 'manifests' });
    expect(await codeFrom(hub().manifest(image.repository, tag))).toBe('digest-mismatch');
    await gate.clear();
    await gate.fault('docker.io', { kind: 'wrong bytes', on: 'blobs' });
    expect(await codeFrom(hub().pull(image.repository, tag, { platform: platformName }))).toBe('digest-mismatch');
  });

  it.each([
    [429, true],
    [503, true],
    [404, false],
    [403, false],
  ] as const)('gives a %i as a problem with the registry’s own words', async (status, retryable) => {
    await gate.fault('docker.io', { kind: 'status', status, on: 'manifests' });
    const problem = await problemFrom(hub().manifest(image.repository, tag));
    expect(problem).toMatchObject({ code: 'upstream-status', retryable, detail: { status: String(status) } });
    expect(problem.detail?.['error']).toMatch(/^[A-Z_]+$/);
  });

  it('waits for nothing longer than it was told', async () => {
    const begin = performance.now();
    await gate.fault('docker.io', { kind: 'hang', on: 'manifests' });
    expect(await codeFrom(hub({ timeoutMs: 400 }).manifest(image.repository, tag))).toBe('timeout');
    await gate.cut('docker.io', 'silent');
    expect(await codeFrom(hub({ timeoutMs: 400 }).ping())).toBe('timeout');
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  it('tells a broken answer, a closed door, an unknown name, a stranger’s certificate and a cancelled request apart', async () => {
    await gate.fault('docker.io', { kind: 'close', on: 'manifests' });
    expect(await codeFrom(hub().manifest(image.repository, tag))).toBe('connection-broken');
    await gate.clear();
    await gate.fault('docker.io', { kind: 'cut', afterBytes: 10, on: 'manifests' });
    expect(await codeFrom(hub().manifest(image.repository, tag))).toBe('connection-broken');
    expect(await codeFrom(hub({ baseUrl: `https://127.0.0.1:${await freePort()}` }).ping())).toBe('connection-refused');
    expect(await codeFrom(hub({ baseUrl: 'https://no-such.invalid' }).ping())).toBe('name-not-found');
    expect(await codeFrom(hub({ identity: { ca: (await createAuthority()).certificate } }).ping())).toBe(
      'tls-untrusted',
    );
    await gate.clear();
    await gate.fault('docker.io', { kind: 'hang', on: 'manifests' });
    expect(await codeFrom(hub().manifest(image.repository, tag, { signal: AbortSignal.timeout(100) }))).toBe(
      'cancelled',
    );
  });
});

describe('the registry protocol, spoken to an Envoy that wants a client certificate', async () => {
  const ours = await createAuthority();
  const port = await freePort();
  let folder: string;
  let envoy: ChildProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-envoy-'));
    const server = await issueServer(ours, { names: ['127.0.0.1'], days: 1 });
    const config = {
      static_resources: {
        listeners: [
          {
            address: { socket_address: { address: '127.0.0.1', port_value: port } },
            filter_chains: [
              {
                transport_socket: {
                  name: 'tls',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
                    require_client_certificate: true,
                    common_tls_context: {
                      tls_certificates: [
                        {
                          certificate_chain: { inline_string: server.chain },
                          private_key: { inline_string: server.key.reveal() },
                        },
                      ],
                      validation_context: { trusted_ca: { inline_string: ours.certificate } },
                    },
                  },
                },
                filters: [
                  {
                    name: 'http',
                    typed_config: {
                      '@type':
                        'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                      stat_prefix: 'edge',
                      route_config: {
                        virtual_hosts: [
                          {
                            name: 'all',
                            domains: ['*'],
                            routes: [
                              {
                                match: { prefix: '/' },
                                direct_response: { status: 200, body: { inline_string: '{}' } },
                              },
                            ],
                            response_headers_to_add: [{ header: { key: 'x-edge-id', value: '%REQ(x-request-id)%' } }],
                          },
                        ],
                      },
                      http_filters: [
                        {
                          name: 'router',
                          typed_config: {
                            '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                          },
                        },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
    };
    await writeFile(join(folder, 'envoy.json'), JSON.stringify(config), { mode: 0o600 });
    envoy = spawn(
      await envoyBinary(),
      ['-c', join(folder, 'envoy.json'), '--disable-hot-restart', '-l', 'off', '--concurrency', '1'],
      { stdio: 'ignore' },
    );
    const client = await issueClient(ours, { name: 'laptop' });
    const identity = { ca: ours.certificate, certificate: client.certificate, key: client.key };
    const edge = createRegistryClient({ baseUrl: `https://127.0.0.1:${port}`, identity });
    while ((await edge.ping().catch(() => undefined)) === undefined) await pause(50);
  });
  afterAll(async () => {
    envoy.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const as = async (authority: Awaited<ReturnType<typeof createAuthority>> | undefined) => {
    const issued = authority && (await issueClient(authority, { name: 'laptop' }));
    const identity = { ca: ours.certificate, certificate: issued?.certificate, key: issued?.key };
    return createRegistryClient({ baseUrl: `https://127.0.0.1:${port}`, identity });
  };

  it('shows its certificate and hands over the edge’s id of the request', async () => {
    const answer = await (await as(ours)).ping();
    expect(answer.status).toBe(200);
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says so when the certificate is missing or a stranger’s', async () => {
    for (let round = 0; round < 5; round++) {
      expect(await codeFrom((await as(undefined)).ping())).toBe('client-certificate-refused');
      expect(await codeFrom((await as(await createAuthority())).ping())).toBe('client-certificate-refused');
    }
  });
});
