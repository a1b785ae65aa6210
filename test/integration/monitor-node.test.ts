import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MirrorView, type NodeView, nodeViewSchema } from '../../preload/contract/status.ts';
import { createAuthority, issueClient } from '../../main/certificates/authority.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { EdgeStand, waitFor } from './edge-stand.ts';

const upstreams = ['docker.io', 'ghcr.io'];
const images = { 'docker.io': ['library/busybox', 'latest'], 'ghcr.io': ['containerd/busybox', '1.36'] } as const;

let stand: EdgeStand;

beforeAll(async () => {
  stand = await EdgeStand.start(upstreams);
  for (const [upstream, [repository, tag]] of Object.entries(images)) {
    await stand.publish(upstream, repository, tag, `layer of ${upstream}`);
  }
});
afterAll(() => stand.close());

/** The node as the monitor sees it after so many rounds of asking everything. */
async function observe(options: { rounds?: number; client?: string } = {}): Promise<NodeView> {
  const observer = join(import.meta.dirname, 'monitor-observer.ts');
  const { rounds = 1, client = 'laptop' } = options;
  const node = ['env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt', process.execPath];
  const result = await stand.run([...node, observer, stand.base, client, String(rounds), ...upstreams]);
  if (result.code !== 0 || result.stderr.includes('"level":"error"')) throw new Error(result.stderr);
  return nodeViewSchema.parse(JSON.parse(result.stdout));
}

function mirror(view: NodeView, upstream: string): MirrorView {
  const found = view.mirrors.find((each) => each.upstream === upstream);
  if (!found) throw new Error(`${upstream} is not in the view`);
  return found;
}

/** Pulls that the mirror of docker.io has made at its upstream so far: manifests and blobs it did not have. */
async function misses(): Promise<number> {
  const { body } = await stand.metrics('/registry/docker.io/metrics');
  return [...body.matchAll(/^registry_proxy_misses_total\{.*\} (\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** The bytes of blobs in the node's store, before its file system rounds each up to whole blocks. */
async function onDisk(...digests: readonly string[]): Promise<{ bytes: number; blobs: number }> {
  const sizes = await Promise.all(
    digests.map(async (digest) => {
      const hex = digest.replace('sha256:', '');
      const { size } = await stat(join(nodeLayout(stand).blobStore, 'sha256', hex.slice(0, 2), hex, 'data'));
      return size;
    }),
  );
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), blobs: digests.length };
}

describe('a real node under watch', () => {
  it('with nothing cached is up once a tag was looked up through it', async () => {
    const view = await observe();
    for (const each of view.mirrors) {
      expect(each).toMatchObject({ state: 'up' });
      expect(each.uncached?.manifestMs).toBeGreaterThan(0);
      expect(each.cached).toBeUndefined();
    }
  });

  it('shows all three latencies, disk, cache and certificate, and costs its upstream no pull', async () => {
    await stand.ask('/v2/docker.io/library/busybox/manifests/latest');
    const layer = await stand.publish('docker.io', images['docker.io'][0], 'latest', 'layer of docker.io');
    expect(await stand.ask(`/v2/docker.io/library/busybox/blobs/${layer.layer}`)).toMatchObject({ status: 200 });
    await observe();
    const before = await misses();
    const view = await observe({ rounds: 3 });
    expect(await misses()).toBe(before);
    expect(view.state).toBe('up');
    const docker = mirror(view, 'docker.io');
    expect(docker.cached?.manifestMs).toBeGreaterThan(0);
    expect(docker.cached?.firstByteMs).toBeGreaterThan(0);
    expect(docker.uncached?.manifestMs).toBeGreaterThan(0);
    expect(docker.direct?.manifestMs).toBeGreaterThan(0);
    expect(view.disk?.totalBytes).toBeGreaterThan(view.disk?.freeBytes ?? Infinity);
    expect(view.disk?.cacheBytes).toBeGreaterThan(0);
    const { bytes, blobs } = await onDisk(layer.manifest, layer.layer);
    expect(bytes).toBeGreaterThan(0);
    expect(docker.cacheBytes).toBeGreaterThanOrEqual(bytes);
    expect(docker.cacheBytes).toBeLessThanOrEqual(bytes + blobs * 4096);
    expect(view.certificateDays).toBeGreaterThanOrEqual(28);
    expect(view.problem).toBeUndefined();
  });

  it("counts people's requests and goes on counting when the mirror restarts", async () => {
    /** What one run probes around its last reading of the counters may be taken for people's: 2 requests by digest and 1 by tag, twice. */
    const ownAtMost = 6;
    const pull = async (times: number) => {
      for (let each = 0; each < times; each += 1) await stand.ask('/v2/docker.io/library/busybox/manifests/latest');
    };
    const hits = async (rounds: number) => mirror(await observe({ rounds }), 'docker.io').hits ?? 0;
    const first = await hits(1);
    await pull(20);
    const second = await hits(6);
    expect(second - first).toBeGreaterThanOrEqual(20);
    expect(second - first).toBeLessThanOrEqual(20 + ownAtMost);
    await stand.stop('mirror docker.io');
    stand.startRegistry('docker.io');
    await waitFor(
      async () => (await stand.metrics('/registry/docker.io/metrics')).status === 200,
      'the mirror is back',
    );
    await pull(20);
    const third = await hits(1);
    expect(third - second).toBeGreaterThanOrEqual(20 - ownAtMost);
    expect(third - second).toBeLessThanOrEqual(20 + ownAtMost);
  });

  it('is degraded where an upstream hangs, says so, and stays up for the others', async () => {
    stand.signal('upstream docker.io', 'SIGSTOP');
    try {
      const view = await observe();
      expect(mirror(view, 'docker.io')).toMatchObject({
        state: 'degraded',
        because: { code: 'upstream-no-answer' },
        directBecause: { code: 'no-answer-in-time' },
      });
      expect(mirror(view, 'docker.io').cached?.manifestMs).toBeLessThan(1_000);
      expect(mirror(view, 'ghcr.io').state).toBe('up');
      expect(view.state).toBe('degraded');
    } finally {
      stand.signal('upstream docker.io', 'SIGCONT');
    }
  });

  it('is degraded where an upstream refuses connections', async () => {
    await stand.stop('upstream ghcr.io');
    const view = mirror(await observe(), 'ghcr.io');
    expect(view).toMatchObject({
      state: 'degraded',
      because: { code: 'upstream-unreachable' },
      directBecause: { code: 'connection-refused' },
    });
    stand.startUpstream('ghcr.io');
    await waitFor(async () => mirror(await observe(), 'ghcr.io').state === 'up', 'ghcr.io is up again');
  });

  it('is not green while only the offline twin serves', async () => {
    await stand.stop('mirror docker.io');
    let view = mirror(await observe(), 'docker.io');
    await waitFor(async () => {
      view = mirror(await observe(), 'docker.io');
      return view.because?.code === 'only-twin-serves';
    }, 'the edge notices that the mirror is gone');
    expect(view).toMatchObject({
      state: 'degraded',
      because: { code: 'only-twin-serves' },
    });
    expect(view.cached?.manifestMs).toBeLessThan(1_000);
    stand.startRegistry('docker.io');
    await waitFor(async () => mirror(await observe(), 'docker.io').state === 'up', 'the mirror is back');
  });

  it('is down for a certificate of another authority', async () => {
    const stranger = await issueClient(await createAuthority(), { name: 'stranger' });
    await writeFile(join(stand.base, 'stranger.pem'), stranger.certificate + stranger.key.reveal());
    const view = await observe({ client: 'stranger' });
    expect(view.state).toBe('down');
    expect(mirror(view, 'docker.io').because?.code).toMatch(/^client-certificate|^connection-closed/);
  });

  it('is down when nothing listens', async () => {
    await stand.stop('envoy');
    const view = await observe();
    expect([view.state, mirror(view, 'docker.io').because?.code]).toEqual(['down', 'connection-refused']);
    stand.startEnvoy();
    await waitFor(async () => (await observe()).state === 'up', 'the node is up again');
  });
});
