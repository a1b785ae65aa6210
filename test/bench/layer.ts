import { nodeLayout } from '../../main/fleet/node-layout.ts';
import { Stage } from '../integration/provision-stage.ts';
import type { Lab, Machine } from '../lab/lab.ts';
import { type Figure, figure } from './figure.ts';
import { Nginx } from './nginx.ts';
import { processorSeconds } from './processor-time.ts';

const rounds = 5;
/** Downloads of the layer in a round, each a connection of its own. */
const times = 4;
const image = 'docker.io/library/big:100m';

/** A 100 MB layer that is cached, through the edge and from nginx, which serves the same file; the client is the laptop's curl. */
export async function measureLayer(lab: Lab): Promise<readonly Figure[]> {
  const stage = await Stage.open(lab, 'alpha', ['docker.io']);
  const laptop = await lab.machine('laptop');
  const layer = lab.internet.image(image).platforms[0]?.layers.toSorted((a, b) => b.size - a.size)[0];
  if (layer === undefined) throw new Error(`${image} has no layer`);
  const done = await stage.apply();
  if (done.state !== 'done') throw new Error(`the node was not made: ${JSON.stringify(done.problem)}`);
  let nginx: Nginx | undefined;
  try {
    const hex = layer.digest.slice('sha256:'.length);
    const file = `${nodeLayout(stage.spec).blobStore}/sha256/${hex.slice(0, 2)}/${hex}/data`;
    const { ca = '', certificate = '', key } = stage.identity;
    const edge = {
      url: `https://${stage.spec.address}/v2/library/big/blobs/${layer.digest}`,
      identity: { ca, client: certificate + (key?.reveal() ?? '') },
      processes: ['envoy', 'registry', 'docker-proxy'],
    };
    await download(laptop, edge, 'http1.1', layer.size);
    await stage.machine.mustExec(['sh', '-c', 'until [ -s "$1" ]; do sleep 0.1; done', 'sh', file], {
      timeoutMs: 30_000,
    });
    nginx = await Nginx.start(stage.machine, file);
    const beside = { url: nginx.url, identity: nginx.identity, processes: ['nginx'] };
    const figures: Figure[] = [];
    for (const version of ['http1.1', 'http2'] as const) {
      const ours: Speed[] = [];
      const other: Speed[] = [];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await speed(laptop, stage.machine, edge, version, layer.size));
        other.push(await speed(laptop, stage.machine, beside, version, layer.size));
      }
      const pair = (of: (speed: Speed) => number) => ({ ours: ours.map(of), other: other.map(of) });
      const name = `warm 100 MB layer over ${version === 'http2' ? 'HTTP/2' : 'HTTP/1.1'}`;
      figures.push(
        figure({
          name: `${name}: edge ÷ nginx`,
          unit: 'MB/s',
          ...pair((each) => each.megabytes),
          goal: 0.5,
          direction: 'at least',
        }),
        figure({
          name: `${name}, cost of serving: edge ÷ nginx`,
          unit: 'processor s/GB',
          ...pair((each) => each.processor),
        }),
      );
    }
    return figures;
  } finally {
    await nginx?.end();
    await stage.remove();
    await stage.host.close();
  }
}

interface Place {
  readonly url: string;
  readonly identity: { readonly ca: string; readonly client: string };
  readonly processes: readonly string[];
}
interface Speed {
  /** MB (10⁶) a second, as the client saw it. */
  readonly megabytes: number;
  /** Processor seconds of the serving processes for 10⁹ bytes. */
  readonly processor: number;
}

async function speed(client: Machine, server: Machine, place: Place, version: string, size: number): Promise<Speed> {
  const before = await processorSeconds(server, place.processes);
  let seconds = 0;
  for (let time = 0; time < times; time += 1) seconds += await download(client, place, version, size);
  const used = (await processorSeconds(server, place.processes)) - before;
  return { megabytes: (times * size) / seconds / 1e6, processor: used / ((times * size) / 1e9) };
}

/** Seconds of one whole download, handshake included; anything but the whole layer over that protocol is an error. */
async function download(client: Machine, place: Place, version: string, size: number): Promise<number> {
  await client.writeFile('/root/bench-ca.pem', place.identity.ca);
  await client.writeFile('/root/bench-client.pem', place.identity.client);
  const identity = ['--cacert', '/root/bench-ca.pem', '--cert', '/root/bench-client.pem'];
  const same = ['--tlsv1.3', '--tls13-ciphers', 'TLS_AES_128_GCM_SHA256', `--${version}`];
  const print = ['-o', '/dev/null', '-w', '%{http_code} %{http_version} %{size_download} %{time_total}'];
  const said = await client.mustExec(['curl', '-sS', ...identity, ...same, ...print, place.url], { timeoutMs: 60_000 });
  const [status, spoken, bytes, seconds] = said.split(' ').map(Number);
  const right = status === 200 && bytes === size && spoken === (version === 'http2' ? 2 : 1.1);
  if (!right || seconds === undefined) throw new Error(`${place.url} by ${version}: ${said}`);
  return seconds;
}
