import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EdgeLogLine, parseEdgeLogLine } from '../../main/fleet/edge-log.ts';
import { residentMegabytes, running } from '../e2e/node-server.ts';
import { Product, forgetImages } from '../e2e/product.ts';
import type { SeededImage } from '../lab/images/seeded-image.ts';
import type { UpstreamName } from '../lab/internet/upstreams.ts';
import { type Lab, type Machine, attachLab } from '../lab/lab.ts';
import { chanceOf } from '../pages/world/chance.ts';
import { cachedBefore } from './cached-before.ts';
import { type EnginePull, LaptopPulls } from './engine-pulls.ts';
import { ImagePool, isBig } from './image-pool.ts';
import { amount, seed } from './length.ts';
import { PullFailure, type PullOrder, pullImage } from './load-client.ts';
import { LoadRecord, renewal } from './load-record.ts';
import { Operator } from './operator.ts';
import { Weather } from './weather.ts';
import { type Credentials, http1Wire, http2Wire } from './wire.ts';

const five: readonly UpstreamName[] = ['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io'];
const sixth: UpstreamName = 'mcr.microsoft.com';
const clients = 17;
/** What all of a node's containers may hold together after the load, in MB. Idle they hold 360. */
const mostResident = 800;

let lab: Lab;
let alpha: Machine;
let laptop: Machine;
let operator: Operator;
let engines: LaptopPulls;
let enginePulls: readonly EnginePull[];
let logFollower: ChildProcess | undefined;
let credentials: Credentials;

const chance = chanceOf(seed);

beforeAll(async () => {
  lab = await attachLab();
  [alpha, laptop] = await Promise.all([lab.machine('alpha'), lab.machine('laptop')]);
  await lab.internet.gate.setQuota(alpha.ip, 10_000_000);
  const product = new Product(laptop, 'load');
  operator = new Operator(product, alpha, chance);
  await product.must(['settings', 'vault', 'key-file']);
  await operator.apply(five);
  await operator.follow('alpha');
  credentials = await operator.credentials();
  engines = new LaptopPulls(laptop, alpha.ip);
  enginePulls = await engines.open();
});

afterAll(async () => {
  logFollower?.kill();
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await engines.close();
  const product = new Product(laptop, 'load');
  await product.run(['switch', 'docker', 'direct', '--yes', '--sudo-password-stdin'], { input: 'dev-sudo-pw\n' });
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await forgetImages(laptop);
  await laptop.exec(['rm', '-rf', '/home/dev/load']);
});

/** The access log of the edge as it grows: what the engine keeps of it is less than ten minutes of load. */
function followEdgeLog(): EdgeLogLine[] {
  const lines: EdgeLogLine[] = [];
  logFollower = alpha.spawn(['docker', 'logs', '-f', '--tail', '0', 'mirrorfleet-envoy-1']);
  logFollower.stderr?.resume();
  if (logFollower.stdout === null) throw new Error('The log cannot be read.');
  createInterface(logFollower.stdout).on('line', (text) => {
    const line = parseEdgeLogLine(text);
    if (line !== undefined) lines.push(line);
  });
  return lines;
}

/** Resident memory of all containers together and each one's own, as the engine counts it. */
async function memoryOf(): Promise<string> {
  const lines = await alpha.mustExec(['docker', 'stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}']);
  const each = lines.trim().replaceAll(/mirrorfleet-(mirror-)?|-1(?= )| \/ \S+/g, '');
  return `resident ${Math.round(await residentMegabytes(alpha))} MB; ${each.split('\n').toSorted().join(', ')}`;
}

test('a refusal of one moment reaches no client: what is not cached is asked for once more', async () => {
  const image = lab.internet.image('ghcr.io/org/app:v1');
  const wire = http1Wire(alpha.ip, credentials);
  await lab.internet.gate.fault('ghcr.io', { kind: 'status', status: 503, on: 'blobs', times: 1 });
  await pullImage(wire, { image, by: 'tag', address: 'alias', platform: 0, blobs: 'whole' });
  wire.close();
  const asked = await lab.internet.gate.requests({ from: alpha.ip, repository: image.repository });
  expect(asked.filter(({ fault }) => fault === 'status')).toHaveLength(1);
  await lab.internet.gate.clear('ghcr.io');
});

test('an image whose tag a prune has taken is not called cached, though the tag’s folder still stands', async () => {
  const image = lab.internet.image('ghcr.io/org/app:v1');
  const order = { image, by: 'tag', address: 'alias', platform: 0, blobs: 'whole' } as const;
  const wire = http1Wire(alpha.ip, credentials);
  await pullImage(wire, order);
  expect(await cachedBefore(alpha, image, order, Date.now())).toBe(true);
  const tag = `/opt/mirrorfleet/data/ghcr.io/docker/registry/v2/repositories/${image.repository}/_manifests/tags/v1`;
  await alpha.mustExec(['rm', `${tag}/current/link`]);
  await lab.internet.gate.fault('ghcr.io', { kind: 'status', status: 429 });
  // A registry says of an upstream's 429 that it knows no such manifest.
  await expect(pullImage(wire, order)).rejects.toMatchObject({ kind: 'refused', status: 404 });
  expect(await cachedBefore(alpha, image, order, Date.now())).toBe(false);
  await lab.internet.gate.clear('ghcr.io');
  await pullImage(wire, order);
  expect(await cachedBefore(alpha, image, order, Date.now())).toBe(true);
  wire.close();
});

test('twenty clients pull through everything that is done to a node, and nothing fails that its upstream did not cause', async () => {
  console.log(`seed ${seed}`);
  const weather = new Weather(lab.internet.gate, chanceOf(`weather ${seed}`));
  const pool = new ImagePool(lab.internet, chance, `load-${seed}`, five);
  const log = followEdgeLog();
  const record = new LoadRecord(weather.windows, operator.crashes, log);
  /** Pulls that are under way, by upstream. */
  const underWay = new Map<string, number>();
  let rounds = 0;
  // A round of everything takes a minute or two; the short run is over after one, however slow the computer is.
  const over = (): boolean => rounds > 0 && Date.now() - record.begin > amount(60_000, 600_000);

  type Order = Pick<PullOrder, 'image' | 'platform' | 'by'>;
  async function pulled(puller: string, order: Order, act: () => Promise<number>) {
    const began = Date.now();
    const { image } = order;
    const { upstream } = image;
    underWay.set(upstream, (underWay.get(upstream) ?? 0) + 1);
    try {
      const bytes = await act();
      record.pulls.push({ puller, upstream, bytes, began, ended: Date.now() });
    } catch (error) {
      const ended = Date.now();
      const cached = await cachedBefore(alpha, image, order, began);
      const said = error instanceof PullFailure ? error : { kind: 'engine' as const, status: 0, id: '' };
      const what = { kind: said.kind, status: said.status, id: said.id, words: String(error) };
      const name = `${upstream}/${image.repository}`;
      record.failures.push({ puller, image: name, upstream, began, ended, cached, ...what });
    } finally {
      underWay.set(upstream, (underWay.get(upstream) ?? 0) - 1);
    }
  }

  function orderOf(image: SeededImage): PullOrder {
    const plain = image.upstream === 'docker.io' && chance() < 0.3;
    return {
      image,
      by: chance() < 0.7 ? 'tag' : 'digest',
      address: plain ? 'plain' : pool.oneOf(['alias', 'ns']),
      platform: Math.floor(chance() * image.platforms.length),
      blobs: pool.oneOf(['whole', 'whole', 'whole', 'resumed', 'ranges']),
    };
  }

  async function lightClient(index: number): Promise<void> {
    const name = `client ${index}`;
    const make = index % 2 === 0 ? http1Wire : http2Wire;
    let used = credentials;
    let wire = make(alpha.ip, used);
    while (!over()) {
      if (used !== credentials) {
        wire.close();
        used = credentials;
        wire = make(alpha.ip, used);
      }
      const order = orderOf(await pool.draw());
      await pulled(name, order, async () => {
        const began = Date.now();
        const { bytes, interruptions } = await pullImage(wire, order);
        const { upstream } = order.image;
        record.interruptions.push(...interruptions.map((each) => ({ upstream, began, ...each })));
        return bytes;
      });
    }
    wire.close();
  }

  async function engine(each: EnginePull): Promise<void> {
    while (!over()) {
      const image = await pool.draw();
      if (isBig(image)) continue;
      const reference = `${alpha.ip}/${image.upstream}/${image.repository}:${image.tags[0]}`;
      await pulled(each.name, { image, platform: 0, by: 'tag' }, async () => {
        const said = await each.pull(reference);
        if (!said.includes(image.digest)) throw new PullFailure('wrong digest', `${reference} is ${said}`);
        return image.platforms[0]?.size ?? 0;
      });
      await each.forget(reference);
    }
  }

  /** An upstream is only taken away when nobody pulls from it any more. */
  async function takeSixthAway(): Promise<void> {
    pool.served = five;
    await expect.poll(() => underWay.get(sixth) ?? 0, { timeout: 120_000 }).toBe(0);
    await operator.apply(five);
  }

  async function addSixth(): Promise<void> {
    await operator.apply([...five, sixth]);
    pool.served = [...five, sixth];
  }

  async function renewClientCertificate(): Promise<void> {
    // The switch proves itself by a pull from Docker Hub.
    await weather.inFairWeather(async () => {
      credentials = await operator.renewClientCertificate();
    });
  }

  const jobs: readonly (readonly [name: string, act: () => Promise<void>])[] = [
    ['an upstream added', addSixth],
    ['routes pushed', () => operator.pushRoutes()],
    ['server certificate rotated', () => operator.rotateServerCertificate(credentials)],
    [renewal, renewClientCertificate],
    ['one image pruned', () => operator.pruneOneImage()],
    ['pruned to half', () => operator.pruneToHalf()],
    ['all pruned', () => operator.pruneAll()],
    ['scrubbed', () => operator.scrub()],
    ['a mirror killed', () => operator.crash(pool.oneOf(five))],
    ['the upstream removed', takeSixthAway],
  ];

  async function work(): Promise<void> {
    while (!over()) {
      for (const [name, act] of jobs) {
        if (over()) return;
        const began = Date.now();
        const problem = await act().then(
          () => undefined,
          (error: unknown) => String(error),
        );
        record.operations.push({ name, began, ended: Date.now(), ...(problem !== undefined && { problem }) });
      }
      rounds += 1;
      record.memory.push(await memoryOf());
    }
  }

  record.memory.push(await memoryOf());
  await Promise.all([
    weather.blow(['docker.io', 'ghcr.io', 'quay.io', 'gcr.io'], over),
    work(),
    ...Array.from({ length: clients }, (_, index) => lightClient(index)),
    ...enginePulls.map(engine),
  ]);
  // The edge writes its log late: when a last request is in it, all others are.
  const last = http1Wire(alpha.ip, credentials);
  const { headers, body } = await last.ask('GET', '/v2/ghcr.io/org/app/manifests/v1', {});
  body.resume();
  await expect.poll(() => log.some(({ id }) => id === headers['x-edge-id'])).toBe(true);
  last.close();
  console.log(record.report());

  expect(record.operations.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(record.guilty()).toEqual([]);
  expect(record.unexplained()).toEqual([]);
  expect(record.faultlessErrors()).toEqual([]);
  expect(record.throughFaults().length).toBeGreaterThan(0);
  const pullers = Map.groupBy(record.pulls, ({ puller }) => puller);
  expect(pullers.size).toBe(clients + enginePulls.length);
  expect(await residentMegabytes(alpha)).toBeLessThan(mostResident);
  // What was started anew is what was killed: nothing ran out of its memory or fell.
  const names = Object.keys(await running(alpha)).map((name) => `mirrorfleet-${name}-1`);
  const restarts = await alpha.mustExec(['docker', 'inspect', '-f', '{{.RestartCount}}', ...names]);
  const counts = restarts.trim().split('\n').map(Number);
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(operator.crashes.length);
});
