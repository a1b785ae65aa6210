import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attachLab, type Lab, type Machine, type MachineName } from '../lab/lab.ts';
import { forgetImages, hostKeyOf, openStory, pictureOfLaptop, pictureOfServer, type Product } from './product.ts';

interface Server {
  readonly name: MachineName;
  readonly what: string;
  readonly user: string;
  readonly sudoPassword?: string;
  readonly installEngine?: true;
  /** The images arrive over SSH because the server cannot pull them. */
  readonly upload?: true;
  readonly smallDisk?: true;
}

const servers: readonly Server[] = [
  { name: 'alpha', what: 'a root login with Docker 26 and Compose 2', user: 'root' },
  { name: 'beta', what: 'a user with sudo -n that cannot pull its images', user: 'ops', upload: true },
  {
    name: 'gamma',
    what: 'a user whose sudo asks, with Docker 20.10 and Compose 1',
    user: 'pat',
    sudoPassword: 'pat-sudo-pw',
  },
  { name: 'bare', what: 'a server without any engine', user: 'ops', installEngine: true },
  { name: 'small', what: 'a server with 1 GB of memory and a small disk', user: 'root', smallDisk: true },
];
const laptopSudo = 'dev-sudo-pw\n';

let lab: Lab;
beforeAll(async () => {
  lab = await attachLab();
});

describe.each(servers)('From $what to a proven pull and back', (story) => {
  let server: Machine;
  let product: Product;
  let laptopBefore: Record<string, string>;
  let serverBefore: string;
  const node = story.name;

  beforeAll(async () => {
    ({ server, product } = await openStory(lab, story.name));
    laptopBefore = await pictureOfLaptop(product.laptop);
    serverBefore = await pictureOfServer(server);
    await lab.internet.gate.clear();
    await lab.internet.gate.restore();
    await product.must(['settings', 'vault', 'key-file']);
    if (story.upload === true) {
      await product.must([
        'settings',
        'image',
        'registry',
        'docker.io/library/registry:3.1.1',
        '--archive',
        lab.internet.imageArchives.registry,
      ]);
      await product.must([
        'settings',
        'image',
        'envoy',
        'docker.io/envoyproxy/envoy:distroless-v1.40.0',
        '--archive',
        lab.internet.imageArchives.envoy,
      ]);
    }
  });

  afterAll(async () => {
    await lab.internet.gate.clear();
    await lab.internet.gate.restore();
    await forgetImages(product.laptop);
  });

  test('the server is added after its key was accepted and its preflight was read', async () => {
    const unknown = await product.run(['node', 'add', node, `${story.user}@${server.ip}`]);
    expect(unknown).toMatchObject({ code: 3 });
    expect(unknown.stderr).toContain(await hostKeyOf(server));
    const said = await product.must(
      [
        'node',
        'add',
        node,
        `${story.user}@${server.ip}`,
        '--accept-host-key',
        await hostKeyOf(server),
        ...(story.sudoPassword === undefined ? [] : ['--sudo-password-stdin']),
      ],
      { input: `${story.sudoPassword ?? ''}\n` },
    );
    if (story.installEngine === true) expect(said).toContain('--install-engine');
    else expect(said).not.toContain('✕');
  });

  test('applying the plan makes it serve, and a second apply finds nothing to do', async () => {
    if (story.upload === true)
      await lab.internet.gate.fault('docker.io', { kind: 'status', status: 503, repository: 'library/registry' });
    if (story.upload === true)
      await lab.internet.gate.fault('docker.io', { kind: 'status', status: 503, repository: 'envoyproxy/envoy' });
    const install = story.installEngine === true ? ['--install-engine'] : [];
    if (story.installEngine === true) {
      const refused = await product.run(['node', 'apply', node, '--yes']);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain('engine-missing');
    }
    const plan = await product.must(['node', 'plan', node, ...install]);
    expect(plan).toContain('compose.yaml');
    await product.must(['node', 'apply', node, '--yes', ...install], { timeoutMs: 280_000 });
    await lab.internet.gate.clear();
    const again = await product.must(['node', 'apply', node, '--yes']);
    expect(again).toMatch(/Nothing to do.*\((1|2) round trips?\)/);
  });

  test('Docker is switched without a restart, and a pull is proven at the edge', async () => {
    const preview = await product.must(['switch', 'docker', node, '--dry-run']);
    expect(preview).toContain(`https://${server.ip}`);
    expect(preview).toContain('Nothing restarts.');
    expect(await pictureOfLaptop(product.laptop)).toEqual(laptopBefore);
    const said = await product.must(['switch', 'docker', node, '--yes', '--sudo-password-stdin'], {
      input: laptopSudo,
    });
    expect(said).toContain('proven');
    const now = await pictureOfLaptop(product.laptop);
    expect(now['mirrors']).toContain(`https://${server.ip}`);
    expect(now).toMatchObject({ canary: laptopBefore['canary'], daemon: laptopBefore['daemon'] });
  });

  test('docker pull nginx:alpine is served by the node and never asks the upstream itself', async () => {
    const began = Date.now();
    await product.laptop.mustExec(['docker', 'pull', 'nginx:alpine'], { user: 'dev', timeoutMs: 120_000 });
    const asked = (await lab.internet.gate.requests({ upstream: 'docker.io', repository: 'library/nginx' })).filter(
      (each) => each.at >= began,
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.map((each) => each.from))).toEqual(new Set([server.ip]));
  });

  test('ghcr.io is served by the same address, with its own content under the same name', async () => {
    await product.laptop.mustExec(['docker', 'pull', `${server.ip}/ghcr.io/library/nginx:alpine`], {
      user: 'dev',
      timeoutMs: 120_000,
    });
    const page = await product.laptop.mustExec(
      ['docker', 'run', '--rm', `${server.ip}/ghcr.io/library/nginx:alpine`, 'cat', '/usr/share/nginx/html/index.html'],
      { user: 'dev' },
    );
    expect(page).toContain('nginx of ghcr.io');
    const other = await product.laptop.mustExec(
      ['docker', 'run', '--rm', 'nginx:alpine', 'cat', '/usr/share/nginx/html/index.html'],
      { user: 'dev' },
    );
    expect(other).toContain('nginx alpine');
  });

  test('the status says what is true', async () => {
    const status = await product.must(['status']);
    // What a small disk means for pulls is said at once, and then the node is not green.
    expect(status).toContain(story.smallDisk === true ? `◐ ${node}  degraded` : `● ${node}  up`);
    if (story.smallDisk === true) expect(status).toContain('nearly full');
    expect(status).toMatch(/docker\.io +● up/);
    expect(status).toMatch(/certificate 39[67] d/);
    expect(status).toMatch(new RegExp(`Docker 20\\.10\\.24[^\\n]* → ${node}, proven`));
  });

  test('with the upstream cut off, what is cached is still pulled', async () => {
    await lab.internet.gate.cut('docker.io');
    await forgetImages(product.laptop);
    await product.laptop.mustExec(['docker', 'pull', 'nginx:alpine'], { user: 'dev', timeoutMs: 120_000 });
    await lab.internet.gate.restore('docker.io');
  });

  test('pruning frees the bytes its preview named, and the mirror goes on', async () => {
    const list = (await product.json(['cache', 'list', node])) as {
      images: { repository: string; tag?: string }[];
      bytes: number;
    };
    expect(list.images).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ upstream: 'docker.io', repository: 'library/nginx', tag: 'alpine' }),
      ]),
    );
    const prune = ['cache', 'prune', node, '--image', 'docker.io/library/nginx:alpine', '--grace', '0s'];
    const pruned = (await product.json([...prune, '--yes'])) as {
      preview: { freedBytes: number };
      task: { outcome: { freedBytes: number } };
    };
    expect(pruned.preview.freedBytes).toBeGreaterThan(2_000_000);
    expect(pruned.task.outcome.freedBytes).toBe(pruned.preview.freedBytes);
    await product.laptop.mustExec(['docker', 'rmi', '-f', 'nginx:alpine'], { user: 'dev' });
    await product.laptop.mustExec(['docker', 'pull', 'nginx:alpine'], { user: 'dev', timeoutMs: 120_000 });
  });

  test('switching back to direct leaves the laptop byte for byte as it was', async () => {
    await product.must(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: laptopSudo });
    expect(await pictureOfLaptop(product.laptop)).toEqual(laptopBefore);
  });

  test('removing the node leaves nothing of ours on the server', async () => {
    await product.must(['node', 'remove', node, '--yes']);
    if (story.installEngine !== true) expect(await pictureOfServer(server)).toBe(serverBefore);
    const left = await server.exec([
      'sh',
      '-c',
      'ls -d /opt/mirrorfleet; docker ps -aq; docker network ls --format "{{.Name}}" | grep mirrorfleet',
    ]);
    expect(left.stdout).toBe('');
    expect(await product.must(['node', 'list'])).toContain('No node yet');
    // Nor a secret of it in this computer's vault.
    expect(await product.laptop.readFile(`${product.home}/config/vault.json`)).not.toContain(`node/${node}/`);
  });
});
