import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { snapshotSchema } from '../../preload/contract/live.ts';
import { preflightSchema } from '../../preload/contract/node.ts';
import { type Problem, problemSchema } from '../../preload/contract/problem.ts';
import chinese from '../../resources/translations/zh-CN/problems.json' with { type: 'json' };
import type { Fault } from '../lab/internet/faults.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { forgetImages, hostKeyOf, pictureOfLaptop, Product, type Said } from './product.ts';

/** What a person gets who gives the product what cannot work: one problem with a way out, in both languages, and everything as it was. */

const sudo = { input: 'dev-sudo-pw\n' };
let lab: Lab;
let laptop: Machine;
let product: Product;

beforeAll(async () => {
  lab = await attachLab();
  laptop = await lab.machine('laptop');
  product = new Product(laptop, 'bad-input');
  await product.must(['settings', 'vault', 'key-file']);
});
afterAll(async () => {
  await laptop.exec(['rm', '-rf', product.home]);
});

const inChinese: Readonly<Record<string, { readonly message: string; readonly hint: string } | undefined>> = chinese;

/** The one problem that a command ended with: it names a way out, in both languages. */
function problemIn(said: Said): Problem {
  const line = said.stderr.split('\n').find((each) => each.startsWith('{"problem"'));
  expect(line, `${said.code}\n${said.stdout}\n${said.stderr}`).toBeDefined();
  const problem = problemSchema.parse((JSON.parse(line ?? '{}') as { problem: unknown }).problem);
  expect(inChinese[problem.code]?.message, problem.code).toMatch(/[\u4e00-\u9fff]/);
  expect(inChinese[problem.code]?.hint, problem.code).toMatch(/[\u4e00-\u9fff]/);
  expect(said.code).not.toBe(0);
  return problem;
}

/** Every file that a person or an engine of a server could miss, byte for byte, and its containers, networks and volumes. */
async function bytesOf(server: Machine): Promise<string> {
  const script = `
    find /etc /opt /home /root /usr/local /var/spool /var/lib/mirrorfleet -xdev -path /root/.cache -prune -o -type f -print0 2>/dev/null | sort -z | xargs -0 sha256sum
    find /opt -xdev -type d 2>/dev/null | sort
    command -v docker >/dev/null && { docker ps -a --format '{{.Names}} {{.State}}' | sort; docker network ls --format '{{.Name}}' | sort; docker volume ls -q | sort; }
    true`;
  return server.mustExec(['sh', '-c', script], { timeoutMs: 60_000 });
}

/** The laptop's engine, the fleet and the settings, byte for byte. */
async function bytesOfLaptop(): Promise<object> {
  const { stdout: nodes } = await laptop.exec(['cat', `${product.home}/config/nodes.json`]);
  const settings = await laptop.mustExec(['cat', `${product.home}/config/settings.json`]);
  // A fleet that never had a node has no file yet.
  return { nodes: nodes === '' ? '{\n  "$version": 1\n}\n' : nodes, settings, ...(await pictureOfLaptop(laptop)) };
}

/** Runs a command that is to be refused; whatever it was, both computers are as they were. */
async function refused(words: readonly string[], server: Machine | undefined, input = ''): Promise<Problem> {
  const before = [await bytesOfLaptop(), server && (await bytesOf(server))];
  const problem = problemIn(await product.run([...words, '--json'], { input }));
  expect([await bytesOfLaptop(), server && (await bytesOf(server))]).toEqual(before);
  return problem;
}

/** Applies a node that is to fail; of it the server keeps nothing but the images that were brought, and the list of them. */
async function takenBack(name: string, server: Machine): Promise<Problem> {
  const clean = await bytesOf(server);
  const withoutList = (bytes: string): string =>
    bytes.replaceAll(/^.*(\/opt\/mirrorfleet\/\.brought|^\/opt\/mirrorfleet)\n/gm, '');
  const laptopBefore = await bytesOfLaptop();
  const problem = problemIn(await product.run(['node', 'apply', name, '--yes', '--json']));
  expect(withoutList(await bytesOf(server))).toBe(clean);
  expect(await bytesOfLaptop()).toEqual(laptopBefore);
  await product.must(['node', 'remove', name, '--yes']);
  expect(await bytesOf(server)).toBe(clean);
  return problem;
}

async function added(
  name: string,
  destination: string,
  server: Machine,
  more: readonly string[] = [],
  input = '',
): Promise<void> {
  const words = [
    'node',
    'add',
    name,
    destination,
    '--accept-host-key',
    await hostKeyOf(server),
    '--upstream',
    'docker.io',
  ];
  await product.must([...words, ...more], { input });
}
const forget = (name: string) => product.run(['node', 'remove', name, '--yes']);

describe('A server', () => {
  test('that nobody can reach is not added', async () => {
    const words = ['node', 'add', 'nowhere', 'root@203.0.113.77', '--accept-host-key', 'SHA256:0'];
    expect((await refused(words, undefined)).code).toMatch(/^(no-route|no-answer|host-unreachable)$/);
    const name = ['node', 'add', 'nowhere', 'root@no-such-host.example', '--accept-host-key', 'SHA256:0'];
    expect((await refused(name, undefined)).code).toMatch(/^(name-not-found|host-unreachable)$/);
  });

  test('that does not know the key is not added', async () => {
    const alpha = await lab.machine('alpha');
    const key = '/home/dev/.ssh/bad_input';
    await laptop.mustExec(['sh', '-c', `rm -f ${key}*; ssh-keygen -q -t ed25519 -N '' -f ${key}`], { user: 'dev' });
    const words = [
      'node',
      'add',
      'stranger',
      `root@${alpha.ip}`,
      '--key',
      key,
      '--accept-host-key',
      await hostKeyOf(alpha),
    ];
    expect((await refused(words, alpha)).code).toMatch(/^ssh-(login-refused|password-needed)$/);
    await laptop.exec(['sh', '-c', `rm -f ${key}*`]);
  });

  test('whose key is not the one that was read to us is not added', async () => {
    const alpha = await lab.machine('alpha');
    const words = ['node', 'add', 'other', `root@${alpha.ip}`, '--accept-host-key', `SHA256:${'A'.repeat(43)}`];
    expect((await refused(words, alpha)).code).toBe('host-key-differs');
  });

  test('without an engine is not touched', async () => {
    const bare = await lab.machine('bare');
    await added('bare', `ops@${bare.ip}`, bare);
    expect((await refused(['node', 'apply', 'bare', '--yes'], bare)).code).toBe('engine-missing');
    await forget('bare');
  });

  /** A server is added without rights, as its preflight says; then nothing of it is touched. */
  async function withoutRights(name: string, destination: string, server: Machine, password: string): Promise<string> {
    await added(name, destination, server, ['--sudo-password-stdin'], `${password}\n`);
    const before = await bytesOf(server);
    const { checks } = preflightSchema.parse(await product.json(['node', 'preflight', name]));
    const found = checks.find(({ id }) => id === 'rights')?.problem?.code;
    const problem = await refused(['node', 'apply', name, '--yes'], server);
    expect(problem.code).toBe(found);
    expect(await bytesOf(server)).toBe(before);
    await product.must(['node', 'remove', name, '--yes', '--forget']);
    return problem.code;
  }

  test('whose user may not become root is not touched', async () => {
    const beta = await lab.machine('beta');
    await beta.mustExec([
      'sh',
      '-ec',
      'useradd -m guest; echo guest:guest-pw | chpasswd; mkdir -p ~guest/.ssh; cp ~ops/.ssh/authorized_keys ~guest/.ssh/; chown -R guest: ~guest/.ssh',
    ]);
    try {
      expect(await withoutRights('guest', `guest@${beta.ip}`, beta, 'guest-pw')).toBe('sudo-refused');
    } finally {
      await beta.mustExec(['userdel', '-rf', 'guest']);
    }
  });

  test('whose sudo gets the wrong password is not touched', async () => {
    const gamma = await lab.machine('gamma');
    expect(await withoutRights('gamma', `pat@${gamma.ip}`, gamma, 'wrong')).toBe('sudo-password-wrong');
  });

  test('whose port is taken is as before, and is told who has it', async () => {
    const beta = await lab.machine('beta');
    await added('beta', `ops@${beta.ip}`, beta);
    const other = beta.spawn(['openssl', 's_server', '-nocert', '-accept', '443']);
    try {
      await expect.poll(async () => (await beta.exec(['sh', '-c', 'ss -ltn | grep -c :443'])).stdout.trim()).toBe('1');
      const { checks } = preflightSchema.parse(await product.json(['node', 'preflight', 'beta']));
      expect(checks.find(({ id }) => id === 'port')?.problem?.message).toContain('openssl');
      expect((await takenBack('beta', beta)).code).toBe('port-taken');
    } finally {
      other.kill();
      await forget('beta');
    }
  });

  test('whose clock is an hour off is told at the preflight, which changes nothing', async () => {
    const beta = await lab.machine('beta');
    await added('beta', `ops@${beta.ip}`, beta);
    // Clocks cannot be set in a lab: what the preflight asks is `date`, which is another one here.
    await beta.writeFile('/usr/local/bin/date', '#!/bin/sh\nexec /usr/bin/date -d "+1 hour" "$@"\n');
    await beta.mustExec(['chmod', '755', '/usr/local/bin/date']);
    try {
      const before = await bytesOf(beta);
      const { checks } = preflightSchema.parse(await product.json(['node', 'preflight', 'beta']));
      const clock = checks.find(({ id }) => id === 'clock');
      expect(clock?.problem?.code).toBe('clock-skewed');
      expect(clock?.problem?.message).toMatch(/3[56]\d\d s ahead/);
      expect(await bytesOf(beta)).toBe(before);
    } finally {
      await beta.mustExec(['rm', '/usr/local/bin/date']);
      await forget('beta');
    }
  });

  test('that is to run an image which no registry has is as before', async () => {
    const beta = await lab.machine('beta');
    await added('beta', `ops@${beta.ip}`, beta);
    await product.must(['settings', 'image', 'envoy', 'docker.io/library/no-such-image:1']);
    try {
      const problem = await takenBack('beta', beta);
      expect(problem.code).toBe('image-pull-failed');
      expect(problem.message).toContain('no-such-image');
    } finally {
      await product.must(['settings', 'image', 'envoy', 'docker.io/envoyproxy/envoy:distroless-v1.40.0']);
      await forget('beta');
    }
  });

  test('whose name leads elsewhere from here is taken back', async () => {
    const [beta, gamma] = await Promise.all([lab.machine('beta'), lab.machine('gamma')]);
    await laptop.mustExec([
      'sh',
      '-c',
      'cp /etc/hosts /etc/hosts.kept; echo "$1 edge.example" >>/etc/hosts',
      'name',
      gamma.ip,
    ]);
    try {
      await added('beta', `ops@${beta.ip}`, beta, ['--address', 'edge.example']);
      const problem = await takenBack('beta', beta);
      expect(problem.code).toMatch(/^(node-unreachable|edge-answers-wrong)$/);
      expect(problem.message).toContain('edge.example');
    } finally {
      await laptop.mustExec(['sh', '-c', 'cat /etc/hosts.kept >/etc/hosts; rm /etc/hosts.kept']);
      await forget('beta');
    }
  });

  test('whose disk is full is as before, and serves once there is room', async () => {
    const small = await lab.machine('small');
    await added('small', `root@${small.ip}`, small);
    // Both end with the error that there is no room left, which is what they are for.
    const fill = 'dd if=/dev/zero of=/opt/filler bs=64k; dd if=/dev/zero of=/opt/filler2 bs=1; df --output=avail /opt';
    try {
      expect((await small.mustExec(['sh', '-c', `${fill} 2>/dev/null`])).trim().split('\n').at(-1)?.trim()).toBe('0');
      const { checks } = preflightSchema.parse(await product.json(['node', 'preflight', 'small']));
      expect(checks.find(({ id }) => id === 'disk')?.problem?.code).toBe('disk-short');
      const problem = await refused(['node', 'apply', 'small', '--yes'], small);
      expect(problem.code).toMatch(/^(disk-short|disk-full|image-pull-failed|lock-failed|base-unusable)$/);
      expect(`${problem.message} ${problem.hint}`).toMatch(/disk|space|room/);
    } finally {
      await small.mustExec(['rm', '-f', '/opt/filler', '/opt/filler2']);
    }
    await product.must(['node', 'apply', 'small', '--yes']);
    await forget('small');
  });
});

describe('This computer', () => {
  test('whose Docker has its mirrors from a flag is told so, and nothing of it changes', async () => {
    const alpha = await lab.machine('alpha');
    await added('alpha', `root@${alpha.ip}`, alpha);
    await product.must(['node', 'apply', 'alpha', '--yes']);
    await laptop.mustExec([
      'sh',
      '-ec',
      'touch /etc/default/docker; cp -p /etc/default/docker /etc/default/docker.kept; echo \'DOCKER_OPTS="--registry-mirror=https://mirror.example"\' >>/etc/default/docker; service docker restart',
    ]);
    const answers = async () => (await laptop.exec(['docker', 'info'])).code;
    try {
      await expect.poll(answers).toBe(0);
      const problem = await refused(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], alpha, sudo.input);
      expect(problem.code).toBe('docker-mirror-flag');
    } finally {
      await laptop.mustExec(['sh', '-ec', 'mv /etc/default/docker.kept /etc/default/docker; service docker restart']);
      await expect.poll(answers).toBe(0);
      await laptop.exec(['docker', 'start', 'canary']);
    }
  });

  test('that was killed when all was done but remembering it knows the node as applied after one look', async () => {
    const forgetApply = `
      const fs = require('node:fs'), file = process.argv[1], nodes = JSON.parse(fs.readFileSync(file));
      delete nodes.alpha.appliedAt; delete nodes.alpha.images; fs.writeFileSync(file, JSON.stringify(nodes));`;
    const file = `${product.home}/config/nodes.json`;
    await laptop.mustExec([lab.state.node, '-e', forgetApply, file], { user: 'dev' });
    const preview = ['switch', 'docker', 'alpha', '--dry-run'];
    expect(problemIn(await product.run([...preview, '--json'])).code).toBe('node-not-applied');
    expect(await product.must(['node', 'apply', 'alpha', '--yes'])).toContain('Nothing to do');
    await product.must(preview);
  });

  test('whose sudo gets the wrong password is as before', async () => {
    const words = ['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'];
    expect((await refused(words, undefined, 'wrong\n')).code).toBe('sudo-password-wrong');
  });

  test('without room for the record of a switch does not begin it, and can once there is', async () => {
    const tiny = new Product(laptop, 'bad-input-tiny');
    await laptop.mustExec([
      'sh',
      '-ec',
      'mkdir -p "$1"; mount -t tmpfs -o size=2m,mode=700,uid=$(id -u dev),gid=$(id -g dev) none "$1"; cp -a "$2"/config "$2"/data "$1"',
      'tiny',
      tiny.home,
      product.home,
    ]);
    const small = `/home/dev/bad-input-tiny`;
    const own = () => laptop.mustExec(['sh', '-c', 'cd "$1"/config && sha256sum *', 'own', small]);
    const picture = await pictureOfLaptop(laptop);
    const files = await own();
    try {
      await laptop.exec(['sh', '-c', 'dd if=/dev/zero of="$1"/filler bs=4k 2>/dev/null', 'fill', small]);
      const switching = ['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'];
      for (const words of [switching, ['settings', 'keep', '--history', '9d']]) {
        const problem = problemIn(await tiny.run([...words, '--json'], sudo));
        expect(problem.code).toBe('store-not-written');
        expect(problem.message).toContain(small);
      }
      expect(await own()).toBe(files);
      expect(await pictureOfLaptop(laptop)).toEqual(picture);
      expect((await tiny.run(['node', 'list'])).stdout).toContain('alpha');
      await laptop.mustExec(['rm', `${small}/filler`]);
      await tiny.must(['settings', 'keep', '--history', '9d']);
      await tiny.must(switching, sudo);
      await tiny.must(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], sudo);
      expect(await pictureOfLaptop(laptop)).toEqual(picture);
    } finally {
      await laptop.exec(['sh', '-c', 'umount "$1"; rmdir "$1"', 'tiny', small]);
    }
  });

  test('whose folder cannot be written, or whose key others can read, is told so by name', async () => {
    const config = `${product.home}/config`;
    await laptop.mustExec(['chmod', '500', config]);
    try {
      const problem = await refused(['settings', 'keep', '--history', '9d'], undefined);
      expect(problem.code).toBe('store-not-written');
      expect(problem.message).toContain(`${config}/settings.json`);
    } finally {
      await laptop.mustExec(['chmod', '700', config]);
    }
    await laptop.mustExec(['chmod', '644', `${config}/vault.key`]);
    try {
      const problem = await refused(['node', 'plan', 'alpha'], await lab.machine('alpha'));
      expect(problem.code).toBe('key-file-exposed');
    } finally {
      await laptop.mustExec(['chmod', '600', `${config}/vault.key`]);
    }
    await product.must(['node', 'plan', 'alpha']);
  });
});

describe('An upstream that answers', () => {
  const image = 'docker.io/library/nginx:1.27';
  const pull = (name: string) =>
    laptop.exec(['timeout', '75', 'docker', 'pull', '-q', name], { user: 'dev', timeoutMs: 90_000 });

  beforeAll(async () => {
    await product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], sudo);
    expect((await pull('nginx:alpine')).code).toBe(0);
  });
  afterAll(async () => {
    await product.must(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], sudo);
    await forget('alpha');
    await forgetImages(laptop);
  });

  afterEach(() => lab.internet.gate.clear());

  const faults: readonly (readonly [string, Fault, RegExp])[] = [
    ['401', { kind: 'status', status: 401 }, /upstream-unauthorized/],
    ['403', { kind: 'status', status: 403 }, /upstream-forbidden/],
    ['404', { kind: 'status', status: 404 }, /upstream-not-found/],
    ['429', { kind: 'status', status: 429 }, /too-many-requests/],
    ['503', { kind: 'status', status: 503 }, /upstream-unavailable/],
    ['nothing', { kind: 'hang' }, /upstream-no-answer/],
    ['by hanging up', { kind: 'close' }, /upstream-unreachable/],
    ['with a web page', { kind: 'html' }, /upstream-unreachable/],
    ['with half of every body', { kind: 'cut', afterBytes: 100 }, /^$/],
    ['with other bytes', { kind: 'wrong bytes' }, /^$/],
  ];
  test.each(faults)(
    '%s: it is said, what is cached is served, nothing wrong is ever pulled or kept',
    async (_what, fault, code) => {
      await forgetImages(laptop);
      const before = await bytesOfLaptop();
      await lab.internet.gate.fault('docker.io', fault);
      const snapshot = snapshotSchema.parse(await product.json(['status']));
      const mirror = snapshot.nodes
        .find(({ name }) => name === 'alpha')
        ?.mirrors.find(({ upstream }) => upstream === 'docker.io');
      const asked = await pull('nginx:1.27');
      const cached = await pull('nginx:alpine');
      const tested = await product.run(['test', 'docker', '--json']);
      expect(mirror?.because?.code ?? '').toMatch(code);
      expect(asked.code).not.toBe(0);
      expect(cached.code).toBe(0);
      if (tested.code !== 0) problemIn(tested);
      expect(await bytesOfLaptop()).toEqual(before);
      await lab.internet.gate.clear();
      await expect.poll(async () => (await pull('nginx:1.27')).code, { timeout: 60_000 }).toBe(0);
      const digests = await laptop.mustExec([
        'docker',
        'image',
        'inspect',
        '-f',
        '{{json .RepoDigests}}',
        'nginx:1.27',
      ]);
      expect(digests).toContain(lab.internet.image(image).digest);
      await product.must(['cache', 'prune', 'alpha', '--image', image, '--grace', '0s', '--yes']);
    },
  );
});
