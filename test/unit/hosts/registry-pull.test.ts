import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createRegistryClient } from '../../../main/hosts/registry-client.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test('a pull that failed at one layer begins none of the many others', async () => {
  const bodies = Array.from({ length: 40 }, (_, at) => Buffer.from(`layer ${at}`));
  const digests = bodies.map((bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  const descriptor = (digest: string) => ({ mediaType: 'application/octet-stream', digest, size: 1 });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(digests[0] ?? ''),
    layers: digests.slice(1).map(descriptor),
  });
  const held: (() => void)[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    const digest = /\/blobs\/(.+)$/.exec(request.url ?? '')?.[1];
    if (digest === undefined) {
      response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json').end(manifest);
      return;
    }
    asked += 1;
    const body = bodies[digests.indexOf(decodeURIComponent(digest))];
    // The first is missing, which is told once three were asked for; the others come after that.
    held.push(() => response.writeHead(body === bodies[0] ? 404 : 200).end(body));
    if (asked === 3) held.shift()?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createRegistryClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  ends.push(
    () => client.close(),
    () => server.close(),
  );
  await expect(client.pull('library/app', 'latest')).rejects.toThrow();
  for (const send of held) send();
  // Whatever still wanted something would have asked by the end of these.
  for (let round = 0; round < 10; round += 1) await client.manifest('library/app', 'latest');
  expect(asked).toBe(3);
});
