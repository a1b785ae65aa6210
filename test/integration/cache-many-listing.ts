import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createGzip } from 'node:zlib';

/*
 * Prints the listing of a made-up big cache, packed, as a server would: for every image an index of eight platforms of which one is stored,
 * its manifest, a configuration and layers, a fifth of them shared. Argument: how many blobs.
 */

const blobs = Number(process.argv[2]);
const layersEach = 9;
const images = Math.floor(blobs / (3 + layersEach * 0.8));
const hexOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const digest = (hex: string): { digest: string; size: number } => ({ digest: `sha256:${hex}`, size: 12_345 });

const gzip = createGzip({ level: 1 });
gzip.pipe(process.stdout);
async function print(text: string | Uint8Array): Promise<void> {
  if (!gzip.write(text)) await once(gzip, 'drain');
}

function tarFile(hex: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(`sha256/${hex.slice(0, 2)}/${hex}/data`);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** An image by its number: always the same one. */
function image(number: number) {
  const layers = Array.from({ length: layersEach }, (_, layer) =>
    hexOf(number % 5 !== 0 && layer < 2 ? `shared ${Math.floor(number / 5)} ${layer}` : `layer ${number} ${layer}`),
  );
  const config = hexOf(`config ${number}`);
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(
    JSON.stringify(
      { schemaVersion: 2, mediaType: type, config: digest(config), layers: layers.map(digest) },
      undefined,
      2,
    ),
  );
  const absent = ['arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'mips64le'];
  const platforms = [
    { ...digest(hexOf(manifest)), platform: { os: 'linux', architecture: 'amd64' } },
    ...absent.map((architecture) => ({
      ...digest(hexOf(`${number} ${architecture}`)),
      platform: { os: 'linux', architecture },
    })),
  ];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: platforms }, undefined, 2));
  return { layers, config, manifest, index };
}

await print('mirrorfleet-cache 1 1800000000.5 1\nu docker.io\n');
for (let number = 0; number < images; number += 1) {
  const { layers, config, manifest, index } = image(number);
  const links = [config, ...layers].map((hex) => `l ${hex} 1700000000\n`).join('');
  const revisions = `m ${hexOf(manifest)} 1700000000\nm ${hexOf(index)} 1700000000\n`;
  await print(
    `r team/repository${Math.floor(number / 20)}\n${links}${revisions}t v${number} ${hexOf(index)} 1700000000\n`,
  );
}
const told = new Set<string>();
for (let number = 0; number < images; number += 1) {
  const { layers, config, manifest, index } = image(number);
  let lines = '';
  for (const hex of [config, ...layers, hexOf(manifest), hexOf(index)]) {
    if (told.has(hex)) continue;
    told.add(hex);
    lines += `b ${hex} 12345 32 1700000000 1700000000\n`;
  }
  await print(lines);
}
await print(`manifests ${images * 2}\n`);
for (let number = 0; number < images; number += 1) {
  const { manifest, index } = image(number);
  await print(Buffer.concat([tarFile(hexOf(manifest), manifest), tarFile(hexOf(index), index)]));
}
await print(Buffer.alloc(1024));
await print('end\n');
gzip.end();
