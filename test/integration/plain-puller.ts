import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { join } from 'node:path';

/**
 * node plain-puller.ts BASE AUTHORITY UPSTREAM IMAGES BEGIN PULLS   pulls images app-0 … of an edge stand in turn, beginning with pull
 * number BEGIN, as a plain client: the manifest by its tag, then every blob it names. It prints its own tally as JSON: requests that were
 * answered whole, and bytes of their bodies. It shares no code with what is tested.
 */
const [base = '', authority = '', upstream = '', images = '1', begin = '0', pulls = '0'] = process.argv.slice(2);
const pem = await readFile(join(base, 'laptop.pem'), 'utf8');
const [hostname = '', port = '443'] = authority.split(':');
const agent = new Agent({
  keepAlive: true,
  maxSockets: 8,
  ca: await readFile(join(base, 'ca.pem')),
  cert: pem,
  key: pem,
});
const tally = { requests: 0, bytes: 0 };

function fetchBody(path: string): Promise<Buffer> {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  return new Promise((resolve, reject) => {
    const request = get(
      { agent, host: hostname, port, path, headers: { accept, 'user-agent': 'plain-puller' } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const body = Buffer.concat(parts);
          if (answer.statusCode !== 200) {
            reject(new Error(`${path}: ${answer.statusCode} ${body.toString()}`));
            return;
          }
          tally.requests += 1;
          tally.bytes += body.length;
          resolve(body);
        });
      },
    );
    request.on('error', reject);
  });
}

async function pull(number: number): Promise<void> {
  const root = `/v2/${upstream}/team/app-${number % Number(images)}`;
  const manifest = JSON.parse((await fetchBody(`${root}/manifests/v1`)).toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  await Promise.all([manifest.config, ...manifest.layers].map(({ digest }) => fetchBody(`${root}/blobs/${digest}`)));
}

const waiting = Array.from({ length: Number(pulls) }, (_, index) => Number(begin) + index);
await Promise.all(
  [1, 2, 3, 4].map(async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await pull(next);
  }),
);
agent.destroy();
process.stdout.write(JSON.stringify(tally));
