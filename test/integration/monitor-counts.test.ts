import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MirrorView, nodeViewSchema, type Traffic } from '../../preload/contract/status.ts';
import { parseEdgeLogLine } from '../../main/fleet/edge-log.ts';
import { upstreamOf } from '../../main/fleet/upstreams.ts';
import { publishImage } from './edge-image.ts';
import { EdgeStand, waitFor } from './edge-stand.ts';
import { address } from './edge-world.ts';

const upstream = 'docker.io';
const images = 10;
const half = 500;
/** A manifest, a configuration and a layer. */
const requestsEach = 3;
const layerBytes = 20_000;

let stand: EdgeStand;

beforeAll(async () => {
  stand = await EdgeStand.start([upstream]);
  await stand.publish(upstream, 'library/busybox', 'latest', 'what the probes ask for');
  for (let image = 0; image < images; image += 1) {
    // Nothing is shared: of content that is on its way for one repository, the registry fetches a second copy for another.
    await publishImage(stand, new URL(upstreamOf(upstream).registry).host, {
      repository: `team/app-${image}`,
      tag: 'v1',
      content: `${image} `.padEnd(layerBytes, 'x'),
      author: `author ${image}`,
    });
  }
  await stand.ask('/v2/docker.io/library/busybox/manifests/latest');
});
afterAll(() => stand.close());

/** The mirror as a watch of so many rounds leaves it. */
async function observe(rounds = 1): Promise<MirrorView> {
  const node = ['env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt', process.execPath];
  const observer = join(import.meta.dirname, 'monitor-observer.ts');
  const result = await stand.run([...node, observer, stand.base, 'laptop', String(rounds), upstream]);
  if (result.code !== 0) throw new Error(result.stderr);
  const [mirror] = nodeViewSchema.parse(JSON.parse(result.stdout)).mirrors;
  if (!mirror) throw new Error('There is no mirror in the view.');
  return mirror;
}

async function traffic(rounds?: number): Promise<Traffic> {
  const found = (await observe(rounds)).traffic;
  if (!found) throw new Error('The mirror shows no traffic.');
  return found;
}

async function pull(begin: number, pulls: number): Promise<{ requests: number; bytes: number }> {
  const puller = join(import.meta.dirname, 'plain-puller.ts');
  const words = [stand.base, `${address}:8443`, upstream, images, begin, pulls].map(String);
  const result = await stand.run([process.execPath, puller, ...words]);
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout) as { requests: number; bytes: number };
}

/** What the access log of the edge has of the puller: whole answers for content. */
async function logged(): Promise<{ requests: number; bytes: number }> {
  const lines = (await stand.output('envoy')).split('\n').flatMap((line) => parseEdgeLogLine(line) ?? []);
  const content = lines.filter(({ agent, status }) => agent === 'plain-puller' && status === 200);
  return {
    requests: content.length,
    bytes: content.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  };
}

it('hits, misses and bytes agree within 1 % with two independent counts over 1,000 pulls and a restart of the mirror', async () => {
  const before = await traffic();
  const first = await pull(0, half);
  await traffic();
  await stand.stop(`mirror ${upstream}`);
  stand.startRegistry(upstream);
  await waitFor(
    async () => (await stand.metrics(`/registry/${upstream}/metrics`)).status === 200,
    'the mirror is back',
  );
  // The edge asks the mirror again once its health check has seen it, which until then the offline twin stands in for.
  await waitFor(async () => (await stand.stat('cluster.docker_io_last.membership_healthy')) === '1', 'it serves again');
  const second = await pull(half, half);
  const after = await traffic();

  const tally = { requests: first.requests + second.requests, bytes: first.bytes + second.bytes };
  expect(tally.requests).toBe(2 * half * requestsEach);
  await waitFor(async () => (await logged()).requests >= tally.requests, 'the access log has every request');
  const log = await logged();
  expect(log).toMatchObject(tally);

  const misses = images * requestsEach;
  const counted = {
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    served: after.servedBytes - before.servedBytes,
    fetched: after.fetchedBytes - before.fetchedBytes,
  };
  const eachOnce = (tally.bytes / (2 * half)) * images;
  console.log(
    `${2 * half} pulls, ${tally.requests} requests, ${tally.bytes} bytes; counted ${JSON.stringify(counted)}`,
  );
  const within = (found: number, expected: number): void =>
    expect(Math.abs(found - expected), `${found} for ${expected}`).toBeLessThanOrEqual(expected / 100);
  within(counted.hits, tally.requests - misses);
  within(counted.misses, misses);
  within(counted.hits + counted.misses, log.requests);
  within(counted.served, tally.bytes);
  within(counted.fetched, eachOnce);
});
