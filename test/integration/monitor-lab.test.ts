import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MirrorView, NodeView } from '../../preload/contract/status.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { silentLog } from '../../main/log/log.ts';
import { edgePulls } from '../../main/monitor/edge-requests.ts';
import { Monitor } from '../../main/monitor/monitor.ts';
import { History } from '../../main/store/history.ts';
import { type Lab, attachLab } from '../lab/lab.ts';
import { Stage } from './provision-stage.ts';

describe('a node of the lab under watch', () => {
  let lab: Lab;
  let stage: Stage;
  let folder: string;
  let history: History;
  let monitor: Monitor;
  let view: NodeView | undefined;

  beforeAll(async () => {
    lab = await attachLab();
    stage = await Stage.open(lab, 'beta');
    const task = await stage.apply();
    expect(task.problem).toBeUndefined();
    folder = await mkdtemp(join(tmpdir(), 'monitor-lab-'));
    history = new History(join(folder, 'history.db'));
    monitor = new Monitor({
      nodes: () => [
        {
          spec: stage.spec,
          applied: true,
          identity: () => Promise.resolve(stage.identity),
          host: () => Promise.resolve(stage.host),
          metricsToken: () => Promise.resolve(stage.metricsToken),
        },
      ],
      publish: (change) => {
        if (change.kind === 'node') view = change.node;
      },
      history,
      log: silentLog,
    });
    monitor.start();
    await monitor.refresh();
  });
  afterEach(async () => {
    await lab.internet.gate.clear();
    await lab.internet.gate.restore();
  });
  afterAll(async () => {
    await monitor.stop();
    history.close();
    await stage.reconnect();
    await stage.remove().catch(() => undefined);
    await stage.host.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function look(upstream: string): Promise<MirrorView> {
    await monitor.refresh();
    const found = view?.mirrors.find((each) => each.upstream === upstream);
    if (!found) throw new Error(`${upstream} is not in the view`);
    return found;
  }

  it('is up with every figure, and its quota as its own address has it', async () => {
    await lab.internet.gate.setQuota(stage.spec.address, 42);
    const docker = await look('docker.io');
    expect(docker).toMatchObject({ state: 'up', quota: { limit: 100, remaining: 42, windowSeconds: 21_600 } });
    for (const latency of [docker.cached, docker.uncached, docker.direct])
      expect(latency?.manifestMs).toBeGreaterThan(0);
    expect(docker.cached?.firstByteMs).toBeGreaterThan(0);
    expect(docker.misses).toBeGreaterThan(0);
    expect(view?.state).toBe('up');
    expect(view?.disk?.cacheBytes).toBeGreaterThan(1_000_000);
    expect(view?.certificateDays).toBeGreaterThan(80);
  });

  it('names its programs as they run, what its mirrors served, and how long a figure holds', async () => {
    await expect.poll(async () => (await look('docker.io'), view?.programs?.map(({ id }) => id))).toHaveLength(4);
    expect(view?.programs).toEqual([
      { id: 'docker', version: expect.stringMatching(/^\d+\.\d+\./) as string },
      expect.objectContaining({ id: 'compose', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string }),
      { id: 'registry', version: '3.1.1' },
      { id: 'envoy', version: '1.40.0' },
    ]);
    const docker = await look('docker.io');
    expect(docker.traffic).toMatchObject({ hits: docker.hits, misses: docker.misses });
    expect(docker.traffic?.fetchedBytes).toBeGreaterThan(1_000);
    expect(docker.traffic?.since).toBeGreaterThan(Date.now() - 600_000);
    expect(docker.recentMs?.at(-1)).toBeGreaterThan(0);
    expect(docker.atUpstream).toMatchObject({ status: 200 });
    expect(view?.staleAfterMs).toBe(90_000);
  });

  it('tells who pulled what, without its own probes', async () => {
    const pulls = await edgePulls(stage.host, stage.spec, { limit: 50 });
    expect(pulls.length).toBeGreaterThanOrEqual(stage.spec.upstreams.length);
    expect(new Set(pulls.map((pull) => pull.upstream))).toEqual(new Set(stage.spec.upstreams));
    for (const pull of pulls) {
      expect(pull).toMatchObject({ status: 200, who: expect.stringMatching(/./) as string });
      expect(pull.agent).not.toContain('probe');
      expect(pull.bytes).toBeGreaterThan(0);
    }
    const hub = await edgePulls(stage.host, stage.spec, { limit: 1, upstream: 'docker.io' });
    expect(hub.map((pull) => pull.upstream)).toEqual(['docker.io']);
  });

  it('says which of its files were changed on the server since the last apply', async () => {
    expect(view?.drift?.files).toEqual([]);
    const change = 'printf "# by hand\\n" >>"$1"/registry/docker.io.yml';
    const back = 'sed -i "/^# by hand$/d" "$1"/registry/docker.io.yml';
    const base = nodeLayout(stage.spec).base;
    await stage.host.run({ argv: ['sh', '-c', change, 'sh', base], elevated: true });
    await monitor.nodeChanged(stage.spec.name);
    expect(view?.drift?.files).toEqual(['registry/docker.io.yml']);
    await stage.host.run({ argv: ['sh', '-c', back, 'sh', base], elevated: true });
    await monitor.nodeChanged(stage.spec.name);
    expect(view?.drift?.files).toEqual([]);
  });

  it('is watched without a single pull from its upstreams', async () => {
    await look('docker.io');
    await lab.internet.gate.resetRequests();
    for (let round = 0; round < 3; round += 1) await look('docker.io');
    const requests = await lab.internet.gate.requests();
    const pulls = requests.filter(({ method, path }) => method === 'GET' && /\/(manifests|blobs)\//.test(path));
    expect(pulls).toEqual([]);
    expect(requests.some(({ method }) => method === 'HEAD')).toBe(true);
  });

  it("says Docker Hub's own reason when no pull is left, and is up again when there is", async () => {
    await lab.internet.gate.setQuota(stage.spec.address, 0);
    expect(await look('docker.io')).toMatchObject({
      state: 'degraded',
      because: { code: expect.stringMatching(/^quota-left-resets-(in|within)$/) as string },
      quota: { remaining: 0 },
    });
    expect(view?.state).toBe('degraded');
    await lab.internet.gate.setQuota(stage.spec.address, 90);
    expect((await look('docker.io')).state).toBe('up');
  });

  it('says that an upstream hangs while it serves what is cached', async () => {
    await lab.internet.gate.cut('ghcr.io', 'silent');
    const ghcr = await look('ghcr.io');
    expect(ghcr).toMatchObject({
      state: 'degraded',
      because: { code: 'upstream-no-answer' },
      directBecause: { code: 'no-answer-in-time' },
    });
    expect(ghcr.cached?.manifestMs).toBeLessThan(1_000);
    expect((await look('docker.io')).state).toBe('up');
  });

  it('is down when its machine is gone, within seconds, and up when it is back', async () => {
    await stage.machine.cutOff();
    const begin = Date.now();
    const gone = await look('docker.io');
    expect(Date.now() - begin).toBeLessThan(45_000);
    expect(gone.state).toBe('down');
    await stage.machine.reconnect();
    await stage.reconnect();
    // A round that was under way may still have met the connection that is gone.
    await expect
      .poll(async () => ({ state: (await look('docker.io')).state, problem: view?.problem }), { timeout: 30_000 })
      .toEqual({ state: 'up', problem: undefined });
  });
});
