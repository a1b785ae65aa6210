import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, type Machine, attachLab } from '../lab/lab.ts';
import { upstreamNames } from '../lab/internet/upstreams.ts';
import { startCommand } from './node-command.ts';
import { LaptopEngines } from './node-engines.ts';
import { NodeLaptop } from './node-laptop.ts';
import { closePort, copiesOf, filesOf, isLocked, residentMegabytes, running } from './node-server.ts';
import { Product, forgetImages, hostKeyOf } from './product.ts';
import { mirrorPort } from '../../main/provision/render/container-paths.ts';

const five = ['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io'];
const six = [...five, 'mcr.microsoft.com'];
const hub = 'docker.io/library/nginx:alpine';
const github = 'ghcr.io/library/nginx:alpine';
const sudo = { input: 'dev-sudo-pw\n' };

let lab: Lab;
let alpha: Machine;
let laptop: Machine;
let product: Product;
let at: NodeLaptop;

/** Things to undo however a test ends. */
let cleanUps: (() => Promise<unknown>)[] = [];

/** Envoy ends the connection after the handshake; curl sees that while it sends or while it reads. */
const unanswered = { status: 0, exit: expect.toSatisfy((code: number) => [16, 35, 55, 56].includes(code)) as number };

const seeded = (reference: string) => lab.internet.image(reference);
const measured = (what: string, figure: number, unit: string) =>
  process.stdout.write(`measured: ${what}: ${Math.round(figure)} ${unit}\n`);

/** `node add` again is how a node gets other upstreams. */
async function wish(upstreams: readonly string[], of = product): Promise<void> {
  const key = await hostKeyOf(alpha);
  await of.must([
    'node',
    'add',
    'alpha',
    `root@${alpha.ip}`,
    '--upstream',
    upstreams.join(','),
    '--accept-host-key',
    key,
  ]);
}

async function applied(upstreams: readonly string[]): Promise<void> {
  await wish(upstreams);
  await product.must(['node', 'apply', 'alpha', '--yes']);
}

/** The downloads, not the questions, that reached the small internet from the node. */
async function downloads(repository?: string): Promise<number> {
  const requests = await lab.internet.gate.requests({
    from: alpha.ip,
    method: 'GET',
    ...(repository === undefined ? {} : { repository }),
  });
  return requests.filter(({ kind }) => kind === 'manifests' || kind === 'blobs').length;
}

/** Does something, and then undoes what stood in its way, however it ended. */
async function andThen<T>(undo: () => Promise<void>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await undo();
  }
}

/** The token of the node's metrics port, which only root reads on the server. */
async function metricsToken(): Promise<string> {
  const text = await alpha.mustExec(['cat', '/opt/mirrorfleet/envoy/xds/metrics.yaml']);
  return /name: x-mirrorfleet-metrics\n\s+string_match:\n\s+exact: "?([\w-]+)/.exec(text)?.[1] ?? 'none';
}

/** What the metrics port of an address says to a machine: the body, a space and the status (000 where nothing answers). */
async function figures(from: Machine, address: string, path: string, token?: string): Promise<string> {
  const header = token === undefined ? [] : ['-H', `x-mirrorfleet-metrics: ${token}`];
  const words = ['curl', '-s', '-m', '2', '-w', ' %{http_code}', ...header, `http://${address}:9902${path}`];
  return (await from.exec(words)).stdout;
}

async function cutAll(): Promise<void> {
  for (const name of upstreamNames) await lab.internet.gate.cut(name);
}

beforeAll(async () => {
  lab = await attachLab();
  [alpha, laptop] = await Promise.all([lab.machine('alpha'), lab.machine('laptop')]);
  product = new Product(laptop, 'story-node');
  at = new NodeLaptop(laptop, alpha.ip);
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await lab.internet.gate.setQuota(alpha.ip, 1000);
  await product.must(['settings', 'vault', 'key-file']);
  const began = Date.now();
  await applied(five);
  measured('node add and apply of a new node', Date.now() - began, 'ms');
  await product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], sudo);
  await at.dockerPull('nginx:alpine');
  await at.dockerPull(`${alpha.ip}/${github}`);
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  cleanUps = [];
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
});

afterAll(async () => {
  await product.run(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], sudo);
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await forgetImages(laptop);
  await laptop.exec(['sh', '-c', 'rm -rf /home/dev/story-node*']);
});

describe('An idle node', () => {
  test('of five upstreams takes less than 400 MB', async () => {
    const containers = Object.keys(await running(alpha));
    expect(containers.toSorted()).toEqual([...five.map((name) => `mirror-${name}`), 'envoy', 'offline'].toSorted());
    const megabytes = await residentMegabytes(alpha);
    measured('resident memory of five upstreams, idle', megabytes, 'MB');
    expect(megabytes).toBeLessThan(400);
  });
});

describe('Who may ask', () => {
  test('without a client certificate there is no answer at all', async () => {
    expect(await at.ask('/v2/', { client: 'none' })).toMatchObject(unanswered);
    expect(await at.ask('/', { client: 'none', method: 'HEAD' })).toMatchObject({ status: 0 });
    expect(await at.ask('/v2/')).toMatchObject({ status: 200 });
  });

  test('nor with a certificate of another authority, even one of the same name', async () => {
    const folder = '/var/tmp/node-stranger';
    cleanUps.push(() => laptop.exec(['rm', '-rf', folder]));
    const script = `mkdir -p "$1"; cd "$1"
      name=$(openssl x509 -in "$2/ca.crt" -noout -subject -nameopt RFC2253 | sed 's/^subject=CN=//')
      key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
      openssl req -x509 $key -keyout ca.key -out ca.crt -days 2 -subj "/CN=$name"
      openssl req $key -keyout client.key -out client.csr -subj /CN=dev@laptop
      printf 'extendedKeyUsage=clientAuth\\n' >extensions
      openssl x509 -req -in client.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out client.cert`;
    await laptop.mustExec(['sh', '-ec', script, 'stranger', folder, at.certificates]);
    expect(await at.ask('/v2/', { client: folder })).toMatchObject(unanswered);
  });

  test('the node shows a certificate of our own authority, which nobody else vouches for', async () => {
    expect(await at.ask('/v2/', { trust: 'system' })).toMatchObject({ status: 0, exit: 60 });
  });

  test('from outside only the port of the edge answers', async () => {
    for (const port of [mirrorPort('docker.io'), 5000, 5001, 8443, 9901, 9902, 10_000])
      expect([port, await at.connects(alpha.ip, port)]).toEqual([port, false]);
    expect(await at.connects(alpha.ip, 443)).toBe(true);
    const token = await metricsToken();
    expect(await figures(alpha, '127.0.0.1', '/stats/prometheus', token)).toContain('envoy_cluster_upstream_rq_total');
    expect(await figures(alpha, '127.0.0.1', '/registry/ghcr.io/metrics', token)).toContain('registry_proxy');
    expect(await figures(alpha, '127.0.0.1', '/stats/prometheus')).toBe(' 404');
  });

  test('a neighbour who sends packets for the containers to the server reaches no registry and no admin', async () => {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const addressOf = async (name: string) =>
      (await alpha.mustExec(['docker', 'inspect', '-f', format, `mirrorfleet-${name}-1`])).trim();
    const [edge, mirror, twin] = await Promise.all(['envoy', 'mirror-docker.io', 'offline'].map(addressOf));
    const route = [`${(edge ?? '').replace(/\d+$/, '0')}/24`, 'via', alpha.ip];
    await laptop.mustExec(['ip', 'route', 'add', ...route]);
    cleanUps.push(() => laptop.exec(['ip', 'route', 'del', ...route]));
    // The published port is reachable in this way too, so the packets do arrive.
    expect(await at.connects(edge ?? '', 8443)).toBe(true);
    const tries = [9901, 10_000].map((port) => [edge ?? '', port] as const);
    tries.push([mirror ?? '', mirrorPort('docker.io')], [mirror ?? '', 5001], [twin ?? '', 5000], [twin ?? '', 5001]);
    expect(await Promise.all(tries.map(([address, port]) => at.connects(address, port)))).toEqual(
      tries.map(() => false),
    );
    // Older engines let such packets through to a port published on the loopback too: there they get nothing without the token.
    for (const path of [
      '/stats',
      '/stats/prometheus',
      '/ready',
      '/certs',
      '/registry/docker.io/metrics',
      '/config_dump',
    ])
      for (const token of [undefined, 'another'])
        expect(await figures(laptop, edge ?? '', path, token)).toMatch(/^ (404|000)$/);
  });

  test('pushes are refused in words that docker push prints', async () => {
    const image = `${alpha.ip}/mine/canary:1`;
    await laptop.mustExec(['sh', '-c', 'docker tag "$(docker inspect -f {{.Image}} canary)" "$1"', 'tag', image]);
    cleanUps.push(() => laptop.exec(['docker', 'rmi', image]));
    const push = await laptop.exec(['docker', 'push', image], { user: 'dev', timeoutMs: 30_000 });
    expect(push.code).not.toBe(0);
    expect(push.stderr).toContain('this mirror is read-only');
    const paths = [
      '/v2/mine/canary/blobs/uploads/',
      '/v2/ghcr.io/mine/canary/manifests/1',
      '/v2/x/y/manifests/1?ns=quay.io',
    ];
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
      for (const path of paths)
        expect([method, path, (await at.ask(path, { method })).status]).toEqual([method, path, 405]);
  });
});

describe('One address for all upstreams', () => {
  test('docker.io by default, others by name before or after /v2/, and by ns with its aliases', async () => {
    const ofHub = `200 ${seeded(hub).digest}`;
    const ofGithub = `200 ${seeded(github).digest}`;
    const pause = `200 ${seeded('registry.k8s.io/pause:3.10').digest}`;
    const expected: Record<string, string> = {
      '/v2/nginx/manifests/alpine': ofHub,
      '/v2/library/nginx/manifests/alpine': ofHub,
      '/v2/docker.io/nginx/manifests/alpine': ofHub,
      '/v2/registry-1.docker.io/library/nginx/manifests/alpine': ofHub,
      '/docker.io/v2/nginx/manifests/alpine': ofHub,
      '/v2/nginx/manifests/alpine?ns=docker.io': ofHub,
      '/v2/library/nginx/manifests/alpine?ns=registry-1.docker.io': ofHub,
      '/v2/bitnami/redis/manifests/7.4': `200 ${seeded('docker.io/bitnami/redis:7.4').digest}`,
      '/v2/ghcr.io/library/nginx/manifests/alpine': ofGithub,
      '/ghcr.io/v2/library/nginx/manifests/alpine': ofGithub,
      '/v2/library/nginx/manifests/alpine?ns=ghcr.io': ofGithub,
      '/v2/ghcr.io/library/nginx/manifests/alpine?ns=ghcr.io': ofGithub,
      '/v2/pause/manifests/3.10?ns=registry.k8s.io': pause,
      '/v2/pause/manifests/3.10?ns=k8s.gcr.io': pause,
      '/v2/k8s.gcr.io/pause/manifests/3.10': pause,
      // Only Docker Hub has a `library/` that is left out.
      '/v2/nginx/manifests/alpine?ns=ghcr.io': '404',
      '/v2/ghcr.io/nginx/manifests/alpine': '404',
      // What is not served is not served by another upstream in its place.
      '/v2/library/nginx/manifests/alpine?ns=mcr.microsoft.com': '404',
      '/v2/library/nginx/manifests/alpine?ns=': '404',
      '/v2/mcr.microsoft.com/hello-world/manifests/latest': '404',
      '/v2/ghcr.io/library/nginx/manifests/alpine?ns=quay.io': '404',
    };
    const paths = Object.keys(expected);
    const found = await Promise.all(paths.map(async (path) => [path, await at.manifest(path)]));
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('containerd, Podman, skopeo and Docker pull through it, and none of them asks an upstream itself', async () => {
    const engines = new LaptopEngines(at);
    cleanUps.push(() => engines.close());
    await engines.open();
    await lab.internet.gate.resetRequests();
    for (const reference of [hub, github]) {
      const { digest, platforms } = seeded(reference);
      expect(await engines.containerd(reference, 'ns')).toBe(digest);
      expect(await engines.containerd(reference, 'alias')).toBe(digest);
      expect(await engines.podman(reference)).toContain(digest);
      expect(await engines.skopeo(reference)).toBe(platforms[0]?.manifestDigest);
    }
    await at.dockerPull('nginx:alpine');
    expect(await at.dockerDigests('nginx:alpine')).toEqual([seeded(hub).digest]);
    await at.dockerPull(`${alpha.ip}/${github}`);
    expect(await at.dockerDigests(`${alpha.ip}/${github}`)).toEqual([seeded(github).digest]);
    expect(await lab.internet.gate.requests({ from: laptop.ip })).toEqual([]);
  });

  test.each([
    { when: 'while all is well', cut: [] },
    { when: 'with both upstreams cut off', cut: ['docker.io', 'ghcr.io'] },
  ] as const)('content of one name under docker.io and ghcr.io never mixes $when', async ({ cut }) => {
    for (const name of cut) await lab.internet.gate.cut(name);
    const pages = {
      'docker.io': seeded(hub).platforms[0]?.layers[1],
      'ghcr.io': seeded(github).platforms[0]?.layers[1],
    };
    for (const [mine, other, own, foreign] of [
      ['docker.io', 'ghcr.io', seeded(hub), seeded(github)],
      ['ghcr.io', 'docker.io', seeded(github), seeded(hub)],
    ] as const) {
      const path = `/v2/${mine}/library/nginx`;
      expect(await at.manifest(`${path}/manifests/alpine`)).toBe(`200 ${own.digest}`);
      expect(await at.manifest(`${path}/manifests/${own.digest}`)).toBe(`200 ${own.digest}`);
      expect(await at.blobDigest(`${path}/blobs/${pages[mine]?.digest}`)).toBe(pages[mine]?.digest);
      const blob = await at.ask(`${path}/blobs/${pages[other]?.digest}`, { method: 'HEAD' });
      const manifests = [foreign.digest, foreign.platforms[0]?.manifestDigest].map(async (digest) => {
        const { status, body } = await at.ask(`${path}/manifests/${digest}`);
        // The registry answers 500 and "manifest unknown" where a digest is asked for that its upstream has not.
        return status === 404 || (status === 500 && body.includes('"code":"UNKNOWN"'));
      });
      expect(await Promise.all(manifests)).toEqual([true, true]);
      expect(blob.status).toBe(cut.length === 0 ? 404 : 500);
    }
  });

  test('a layer that two upstreams share is stored once', async () => {
    await at.dockerPull(`${alpha.ip}/ghcr.io/org/app:v1`);
    const layer = seeded(hub).platforms[0]?.layers[0]?.digest ?? '';
    expect(seeded('ghcr.io/org/app:v1').platforms[0]?.layers[0]?.digest).toBe(layer);
    expect(await copiesOf(alpha, layer)).toBe(1);
    for (const path of ['/v2/docker.io/library/nginx', '/v2/ghcr.io/org/app'])
      expect(await at.blobDigest(`${path}/blobs/${layer}`)).toBe(layer);
  });
});

describe('Cold, warm, refused and hanging', () => {
  const tag = '/v2/docker.io/library/nginx/manifests/1.27';

  test('a second pull downloads nothing from the upstream', async () => {
    await lab.internet.gate.resetRequests();
    const begin = Date.now();
    await at.dockerPull('nginx:1.27');
    const cold = Date.now();
    expect(await downloads('library/nginx')).toBeGreaterThan(0);
    await lab.internet.gate.resetRequests();
    await at.dockerPull('nginx:1.27');
    measured('docker pull, cold', cold - begin, 'ms');
    measured('docker pull, warm', Date.now() - cold, 'ms');
    expect(await downloads()).toBe(0);
    expect(await at.dockerDigests('nginx:1.27')).toEqual([seeded('docker.io/library/nginx:1.27').digest]);
  });

  test.each([
    { what: 'answers 429', how: 429 },
    { what: 'answers 503', how: 503 },
    { what: 'refuses connections', how: 'reset' },
    { what: 'swallows every packet', how: 'silent' },
  ] as const)('an upstream that $what: what is cached is served, an unknown tag fails', async ({ what, how }) => {
    if (typeof how === 'number') await lab.internet.gate.fault('docker.io', { kind: 'status', status: how });
    else await lab.internet.gate.cut('docker.io', how);
    const answer = await at.ask(tag);
    measured(`cached tag, upstream ${what}`, answer.ms, 'ms');
    expect(answer.headers['docker-content-digest']).toBe(seeded('docker.io/library/nginx:1.27').digest);
    expect(answer.ms).toBeLessThan(5000);
    await at.dockerPull('nginx:1.27');
    // How long an unknown tag takes where nothing is answered at all, the next test says.
    if (how === 'silent') return;
    const unknown = await at.ask('/v2/docker.io/library/nginx/manifests/never-pulled');
    expect(unknown.status).toBe(404);
    expect(unknown.ms).toBeLessThan(3000);
  });

  test('an upstream that hangs: a cached tag comes within seconds, in between at once, an unknown one fails in bounded time', async () => {
    // Not docker.io: for some seconds its mirror is still stepped over, from the test before.
    await lab.internet.gate.fault('ghcr.io', { kind: 'hang' });
    await lab.internet.gate.fault('quay.io', { kind: 'hang' });
    const cached = '/v2/ghcr.io/library/nginx/manifests/alpine';
    const unknown = at.ask('/v2/quay.io/prometheus/busybox/manifests/never-pulled');
    const first = await at.ask(cached);
    measured('cached tag, upstream hangs, first', first.ms, 'ms');
    expect(first).toMatchObject({ status: 200 });
    expect(first.ms).toBeLessThan(6000);
    await at.ask(cached);
    await expect.poll(async () => (await at.ask(cached)).ms, { timeout: 10_000 }).toBeLessThan(500);
    const then = await at.ask(cached);
    measured('cached tag, upstream hangs, then', then.ms, 'ms');
    expect(then).toMatchObject({ status: 200 });
    // Another upstream notices nothing.
    const other = await at.ask('/v2/registry.k8s.io/pause/manifests/3.10');
    expect(other).toMatchObject({ status: 200 });
    expect(other.ms).toBeLessThan(1000);
    const failed = await unknown;
    measured('unknown tag, upstream hangs', failed.ms, 'ms');
    // 404 where the registry gives its upstream's tokens up (after 15 s) and looks at what it has, 504 where the edge gives the registry up.
    expect([404, 504]).toContain(failed.status);
    expect(failed.ms).toBeLessThan(35_000);
  });
});

describe('A reboot of the server', () => {
  test('with all its upstreams cut off ends with a node that serves its cache', async () => {
    await cutAll();
    const begin = Date.now();
    await alpha.reboot();
    await expect.poll(async () => (await at.ask('/v2/nginx/manifests/alpine')).status, { timeout: 60_000 }).toBe(200);
    measured('power cut to first cached manifest', Date.now() - begin, 'ms');
    await at.dockerPull('nginx:alpine');
    expect(await at.dockerDigests('nginx:alpine')).toEqual([seeded(hub).digest]);
    await at.dockerPull(`${alpha.ip}/${github}`);
  });
});

describe('Other upstreams', () => {
  test('are pushed to the running edge, and a slow download of 100 MB survives it whole', async () => {
    const before = await running(alpha);
    const big = seeded('docker.io/library/big:100m').platforms[0]?.layers[1]?.digest ?? '';
    const download = at.slowBlobDigest(`/v2/library/big/blobs/${big}`, '6M');
    const begin = Date.now();
    await applied(six);
    measured('apply of one more upstream', Date.now() - begin, 'ms');
    expect(download.ended()).toBe(false);
    expect(await at.manifest('/v2/mcr.microsoft.com/hello-world/manifests/latest')).toBe(
      `200 ${seeded('mcr.microsoft.com/hello-world:latest').digest}`,
    );
    expect(await running(alpha)).toMatchObject(before);
    await applied(five);
    expect(await at.manifest('/v2/mcr.microsoft.com/hello-world/manifests/latest')).toBe('404');
    expect(await at.manifest('/v2/hello-world/manifests/latest?ns=mcr.microsoft.com')).toBe('404');
    measured('apply of one more and of one less upstream', Date.now() - begin, 'ms');
    expect(await running(alpha)).toEqual(before);
    expect(await download.digest).toBe(big);
    measured('the download beside it', Date.now() - begin, 'ms');
  });
});

describe('An apply that does not end well', () => {
  test('is undone when the changed node cannot be reached from outside', async () => {
    const before = { files: await filesOf(alpha), running: await running(alpha) };
    await wish(six);
    const open = await closePort(alpha, 'DROP');
    cleanUps.push(() => applied(five));
    const begin = Date.now();
    const said = await andThen(open, () => product.run(['node', 'apply', 'alpha', '--yes']));
    measured('a failed verification and its undoing', Date.now() - begin, 'ms');
    expect(said).toMatchObject({ code: 1 });
    expect(said.stderr).toContain('node-unreachable');
    expect(said.stderr).toContain('The previous files and containers of alpha are back.');
    expect(said.stderr).toContain('firewall');
    expect({ files: await filesOf(alpha), running: await running(alpha) }).toEqual(before);
    expect(await at.manifest('/v2/nginx/manifests/alpine')).toBe(`200 ${seeded(hub).digest}`);
    expect(await at.manifest('/v2/mcr.microsoft.com/hello-world/manifests/latest')).toBe('404');
    expect(await isLocked(alpha)).toBe(false);
  });

  test('goes on after it was killed, again and again, each time a step later', async () => {
    await wish(six);
    cleanUps.push(() => applied(five));
    for (const step of ['Take the lock', 'Write ', 'Start what changed', 'Wait for the mirrors']) {
      const apply = await startCommand(laptop, 'story-node', ['node', 'apply', 'alpha', '--yes']);
      await apply.says(new RegExp(`✓ ${step}`));
      await apply.signal('KILL');
      expect(await apply.ended).toMatchObject({ code: 137 });
      expect(await at.manifest('/v2/nginx/manifests/alpine')).toBe(`200 ${seeded(hub).digest}`);
    }
    const begin = Date.now();
    expect(await product.must(['node', 'apply', 'alpha', '--yes'])).toContain('alpha serves');
    measured('the apply that ends what four killed ones began', Date.now() - begin, 'ms');
    expect(await isLocked(alpha)).toBe(false);
    expect(await product.must(['node', 'apply', 'alpha', '--yes'])).toContain('Nothing to do');
    expect(await at.manifest('/v2/mcr.microsoft.com/hello-world/manifests/latest')).toContain('200');
  });

  test('is kept from a second laptop, which is told who works there', async () => {
    const other = new Product(laptop, 'story-node-other');
    cleanUps.push(() => laptop.exec(['rm', '-rf', '/home/dev/story-node-other']));
    await other.must(['settings', 'vault', 'key-file']);
    await wish(five, other);
    await wish(six);
    cleanUps.push(() => applied(five));
    const apply = await startCommand(laptop, 'story-node', ['node', 'apply', 'alpha', '--yes']);
    await apply.says(/✓ Take the lock/);
    await apply.signal('STOP');
    const refused = await andThen(
      () => apply.signal('CONT'),
      () => other.run(['node', 'apply', 'alpha', '--yes']),
    );
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('node-locked');
    expect(refused.stderr).toMatch(/dev@laptop has been working on alpha since 20\d\d-.*apply of alpha/);
    expect(await apply.ended).toMatchObject({ code: 0 });
    expect(await isLocked(alpha)).toBe(false);
  });
});

describe('A new node', () => {
  const follow = (route: string) => product.must(['switch', 'docker', route, '--yes', '--sudo-password-stdin'], sudo);
  /** A node that an engine pulls through is not removed: first the engine goes direct. */
  const removed = async (): Promise<void> => {
    await follow('direct');
    await product.must(['node', 'remove', 'alpha', '--yes']);
  };

  test('that cannot be reached from outside leaves nothing behind', async () => {
    await removed();
    await wish(five);
    // As an apply leaves it that was killed while it made folders.
    await alpha.mustExec(['mkdir', '-p', '/opt/mirrorfleet/data/blobs']);
    const open = await closePort(alpha, 'REJECT');
    const said = await andThen(open, () => product.run(['node', 'apply', 'alpha', '--yes']));
    expect(said).toMatchObject({ code: 1 });
    expect(said.stderr).toContain('node-unreachable');
    expect(said.stderr).toContain('All that was created on alpha was removed again');
    const left =
      'docker ps -aq; docker network ls -qf name=mirrorfleet; docker volume ls -q; find /opt/mirrorfleet -mindepth 1';
    // Which images were brought, for a later removal.
    expect(await alpha.mustExec(['sh', '-c', left])).toBe('/opt/mirrorfleet/.brought\n');
  });

  test.each(['Make folders', 'Write '])(
    'whose apply was killed after "%s" is finished by the next apply',
    async (step) => {
      await removed();
      await wish(five);
      const killed = await startCommand(laptop, 'story-node', ['node', 'apply', 'alpha', '--yes']);
      await killed.says(new RegExp(`✓ ${step}`));
      await killed.signal('KILL');
      expect(await killed.ended).toMatchObject({ code: 137 });
      expect(await product.must(['node', 'apply', 'alpha', '--yes'])).toContain('alpha serves');
      await follow('alpha');
      expect(await at.manifest('/v2/nginx/manifests/alpine')).toBe(`200 ${seeded(hub).digest}`);
      expect(await isLocked(alpha)).toBe(false);
    },
  );

  test('is removed with everything that killed applies had brought', async () => {
    await removed();
    expect(await alpha.mustExec(['sh', '-c', 'docker ps -aq; docker images -q; ls -d /opt/mirrorfleet || true'])).toBe(
      '',
    );
  });
});
