import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mirrorHistorySchema, pullSchema } from '../../preload/contract/history.ts';
import { type Snapshot, snapshotSchema } from '../../preload/contract/live.ts';
import type { MirrorView, NodeView } from '../../preload/contract/status.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { hostKeyOf, Product } from './product.ts';

let lab: Lab;
let alpha: Machine;
let gamma: Machine;
let product: Product;

/** Two nodes, one with two upstreams so that a fault of one is seen beside the other; commands run a core of their own each. */
beforeAll(async () => {
  lab = await attachLab();
  const laptop = await lab.machine('laptop');
  [alpha, gamma] = await Promise.all([lab.machine('alpha'), lab.machine('gamma')]);
  product = new Product(laptop, 'status');
  await heal();
  await product.must(['settings', 'vault', 'key-file']);
  const few = ['--upstream', 'docker.io,ghcr.io'];
  await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha), ...few]);
  await product.must(
    [
      'node',
      'add',
      'gamma',
      `pat@${gamma.ip}`,
      '--accept-host-key',
      await hostKeyOf(gamma),
      '--sudo-password-stdin',
      '--upstream',
      'docker.io',
    ],
    { input: `${gamma.password ?? ''}\n` },
  );
  await product.must(['node', 'apply', 'alpha', '--yes']);
  await product.must(['node', 'apply', 'gamma', '--yes']);
  await product.must(['switch', 'docker', 'alpha', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
});

afterEach(() => heal());

afterAll(async () => {
  await product.run(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await product.run(['node', 'remove', 'gamma', '--yes']);
  await product.laptop.exec(['sh', '-c', 'docker rmi -f nginx:alpine; rm -rf /home/dev/status']);
});

async function heal(): Promise<void> {
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await lab.internet.gate.setQuota(alpha.ip, 100);
}

const status = async (): Promise<Snapshot> => snapshotSchema.parse(await product.json(['status']));

function nodeOf(snapshot: Snapshot, name: string): NodeView {
  const found = snapshot.nodes.find((node) => node.name === name);
  if (!found) throw new Error(`${name} is not in the status`);
  return found;
}

function mirrorOf(snapshot: Snapshot, name: string, upstream: string): MirrorView {
  const found = nodeOf(snapshot, name).mirrors.find((mirror) => mirror.upstream === upstream);
  if (!found) throw new Error(`${upstream} is not in the status`);
  return found;
}

async function pullNginx(): Promise<number> {
  await product.laptop.exec(['docker', 'rmi', '-f', 'nginx:alpine']);
  return (await product.laptop.exec(['docker', 'pull', '-q', 'nginx:alpine'], { user: 'dev', timeoutMs: 60_000 })).code;
}

/** Requests of a Docker engine for nginx that reached the mirror, by the edge's own log. */
async function servedToDocker(): Promise<number> {
  const script = `cd /opt/mirrorfleet && docker compose logs --no-log-prefix envoy 2>/dev/null | grep '"agent":"docker/' | grep via_upstream | grep -c /library/nginx/`;
  return Number((await alpha.exec(['sh', '-c', script])).stdout);
}

describe('A fleet that is well', () => {
  test('is up with every figure, and disk and certificate are right', async () => {
    const snapshot = await status();
    const node = nodeOf(snapshot, 'alpha');
    expect(node).toMatchObject({ state: 'up', applied: true });
    for (const mirror of node.mirrors) {
      expect(mirror.state).toBe('up');
      expect(mirror.cached?.manifestMs).toBeGreaterThan(0);
      expect(mirror.cached?.firstByteMs).toBeGreaterThan(0);
      expect(mirror.uncached?.manifestMs).toBeGreaterThan(0);
      expect(mirror.direct?.manifestMs).toBeGreaterThan(0);
    }
    const disk = await alpha.mustExec(['df', '-B1', '--output=size,avail', '/opt/mirrorfleet/data']);
    const [size = 0, free = 0] = disk.trim().split('\n').at(-1)?.trim().split(/\s+/).map(Number) ?? [];
    expect(node.disk?.totalBytes).toBe(size);
    expect(Math.abs((node.disk?.freeBytes ?? 0) - free)).toBeLessThan(size / 20);
    const ends = await product.laptop.mustExec([
      'sh',
      '-c',
      `openssl s_client -connect ${alpha.ip}:443 </dev/null 2>/dev/null | openssl x509 -noout -enddate`,
    ]);
    const days = (Date.parse(ends.trim().replace('notAfter=', '')) - Date.now()) / 86_400_000;
    expect(Math.abs((node.certificateDays ?? 0) - days)).toBeLessThan(1);
    expect(Math.round(days)).toBeGreaterThan(390);
  });

  test('hits and misses are the requests of people, each counted once, and looking adds none', async () => {
    const core = product.start(['serve', '--headless']);
    try {
      await expect
        .poll(async () => (await product.laptop.exec(['test', '-S', `${product.home}/run/core.sock`])).code)
        .toBe(0);
      expect(await pullNginx()).toBe(0);
      const settled = async (): Promise<MirrorView> => {
        await status();
        return mirrorOf(await status(), 'alpha', 'docker.io');
      };
      const before = { counted: await settled(), served: await servedToDocker() };
      const pulls = 4;
      for (let pull = 0; pull < pulls; pull += 1) expect(await pullNginx()).toBe(0);
      const after = { counted: await settled(), served: await servedToDocker() };
      const served = after.served - before.served;
      const hits = (after.counted.hits ?? 0) - (before.counted.hits ?? 0);
      expect(served).toBeGreaterThanOrEqual(pulls);
      expect(after.counted.misses).toBe(before.counted.misses);
      console.log(`${pulls} pulls, ${served} requests of Docker, ${hits} hits`);
      // Our own probes are taken off a reading later: at most those of one round may still be in it.
      expect(Math.abs(hits - served)).toBeLessThanOrEqual(3);
    } finally {
      core.kill('SIGKILL');
      await new Promise((resolve) => core.once('close', resolve));
    }
  });

  test('tells who pulled what, and how fast the mirror was, by two commands', async () => {
    expect(await pullNginx()).toBe(0);
    const pulls = pullSchema.array().parse(await product.json(['pulls', 'alpha', 'docker.io']));
    expect(pulls[0]).toMatchObject({ repository: 'library/nginx', status: 200 });
    expect(pulls[0]?.who).toMatch(/./);
    expect(pulls[0]?.agent).toMatch(/^docker\//);
    expect(pulls.every((pull) => pull.upstream === 'docker.io')).toBe(true);
    expect(await product.must(['pulls', 'alpha'])).toMatch(/ago .*docker\.io\/library\/nginx:alpine .*docker\//);
    const history = mirrorHistorySchema.parse(await product.json(['history', 'alpha', 'docker.io', '--since', '1h']));
    for (const line of [history.cached, history.uncached, history.direct]) expect(line.length).toBeGreaterThan(0);
    expect(await product.must(['history', 'alpha', 'docker.io', '--since', '1h'])).toMatch(/CACHED [^]*\d+ ms/);
    const strange = await product.run(['history', 'alpha', 'nowhere.example']);
    expect(strange.code).toBe(1);
    expect(strange.stderr).toContain('has no mirror of nowhere.example');
  });

  test('a core that has not asked yet claims nothing', async () => {
    const snapshot = snapshotSchema.parse(await product.json(['status', '--no-refresh']));
    for (const mirror of nodeOf(snapshot, 'alpha').mirrors) {
      expect(mirror).toMatchObject({ state: 'unknown', because: { code: 'not-asked' } });
      expect(mirror.cached).toBeUndefined();
    }
    expect(await product.must(['status', '--no-refresh'])).not.toContain('● ');
  });
});

describe('Upstreams in trouble', () => {
  test('no pull left: degraded in the words of Docker Hub, and cached images are still served', async () => {
    await lab.internet.gate.setQuota(alpha.ip, 0);
    const text = await product.must(['status']);
    expect(text).toMatch(/docker\.io +◐ degraded .*429, 0 of 100 pulls left, resets (in|within) \d+ (h|min|s)/);
    expect(text).toMatch(/ghcr\.io +● up/);
    expect(await pullNginx()).toBe(0);
  });

  test.each([
    ['503', { kind: 'status', status: 503 } as const, 'upstream-unavailable'],
    ['a 429 of its own', { kind: 'status', status: 429 } as const, 'too-many-requests'],
    ['silence', { kind: 'hang' } as const, 'upstream-no-answer'],
  ])('%s is said, and cached images are still served', async (_what, fault, code) => {
    await lab.internet.gate.fault('docker.io', fault);
    const mirror = mirrorOf(await status(), 'alpha', 'docker.io');
    expect(mirror.state).toBe('degraded');
    expect(mirror.because?.code).toContain(code);
    expect(mirror.cached?.manifestMs).toBeLessThan(1000);
    expect(await pullNginx()).toBe(0);
  });

  test('an upstream that is cut off is said, and it is up again when it is back', async () => {
    await lab.internet.gate.cut('docker.io');
    const cut = mirrorOf(await status(), 'alpha', 'docker.io');
    expect(cut.state).toBe('degraded');
    expect(cut.because?.code).toMatch(/^upstream-(no-answer|unreachable)$/);
    expect(cut.directBecause).toBeDefined();
    expect(await pullNginx()).toBe(0);
    await lab.internet.gate.restore('docker.io');
    expect(mirrorOf(await status(), 'alpha', 'docker.io').state).toBe('up');
  });
});

test('a server that is cut off is down within a bounded time and delays no other', async () => {
  await gamma.cutOff();
  try {
    const watcher = product.start(['--json', 'status', '--watch', '--no-refresh']);
    let text = '';
    const began = Date.now();
    let alphaMs: number | undefined;
    let gammaMs: number | undefined;
    watcher.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const parsed = snapshotSchema.safeParse(tryJson(text.split('\n').at(-2) ?? ''));
      if (!parsed.success) return;
      const state = (name: string) => parsed.data.nodes.find((node) => node.name === name)?.state;
      if (state('alpha') === 'up') alphaMs ??= Date.now() - began;
      if (state('gamma') === 'down') gammaMs ??= Date.now() - began;
    });
    await expect.poll(() => gammaMs, { timeout: 45_000, interval: 50 }).toBeDefined();
    watcher.kill('SIGKILL');
    console.log(`alpha up after ${alphaMs} ms, gamma down after ${gammaMs} ms`);
    expect(alphaMs).toBeLessThan(8000);
    expect(gammaMs).toBeLessThan(30_000);
    const said = await product.must(['status'], { timeoutMs: 60_000 });
    expect(said).toMatch(/✕ gamma +down/);
    expect(said).toMatch(/● alpha +up/);
  } finally {
    await gamma.reconnect();
  }
  await expect.poll(async () => nodeOf(await status(), 'gamma').state, { timeout: 40_000, interval: 500 }).toBe('up');
});

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
