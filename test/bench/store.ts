import { createHash, randomBytes } from 'node:crypto';
import { paddingAfter, type TarEntry, tarHeader } from '../lab/images/tar-archive.ts';

/** An image of a {@link Store}. */
export interface StoredImage {
  readonly repository: string;
  readonly tag: string;
}

/** A registry's store in an archive of a node's `data` folder, with what is in it. */
export interface Store {
  readonly archive: Buffer;
  readonly images: readonly StoredImage[];
  readonly blobs: number;
}

const hexOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const type = (what: string): string => `application/vnd.oci.image.${what}`;

/**
 * So many images of docker.io as a registry stores them, ten tags in each repository: a manifest, a configuration and six layers of a
 * kilobyte, two of them shared by five images.
 */
export function madeUpStore(count: number): Store {
  const blobs = new Map<string, Buffer>();
  const files: TarEntry[] = [];
  const images: StoredImage[] = [];
  let shared: string[] = [];
  const keep = (bytes: Buffer): string => {
    const hex = hexOf(bytes);
    blobs.set(hex, bytes);
    return hex;
  };
  for (let number = 0; number < count; number += 1) {
    if (number % 5 === 0) shared = [keep(randomBytes(1024)), keep(randomBytes(1024))];
    const layers = [...shared, ...Array.from({ length: 4 }, () => keep(randomBytes(1024)))];
    const config = keep(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', number })));
    const described = (hex: string, what: string) => ({ mediaType: type(what), digest: `sha256:${hex}`, size: 1024 });
    const manifest = keep(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: type('manifest.v1+json'),
          config: { ...described(config, 'config.v1+json'), size: blobs.get(config)?.length },
          layers: layers.map((hex) => described(hex, 'layer.v1.tar')),
        }),
      ),
    );
    const image = { repository: `team/app${Math.floor(number / 10)}`, tag: `v${number % 10}` };
    const root = repositoryFolder(image.repository);
    const link = (path: string, hex: string): void => {
      files.push({ type: 'file', path: `${root}/${path}/link`, content: Buffer.from(`sha256:${hex}`) });
    };
    for (const hex of [config, ...layers]) link(`_layers/sha256/${hex}`, hex);
    link(`_manifests/revisions/sha256/${manifest}`, manifest);
    link(`_manifests/tags/${image.tag}/current`, manifest);
    link(`_manifests/tags/${image.tag}/index/sha256/${manifest}`, manifest);
    images.push(image);
  }
  for (const [hex, content] of blobs)
    files.push({ type: 'file', path: `blobs/sha256/${hex.slice(0, 2)}/${hex}/data`, content });
  return { archive: longArchive(files), images, blobs: blobs.size };
}

/** Where a repository of docker.io lies in the data folder. */
export const repositoryFolder = (repository: string): string =>
  `docker.io/docker/registry/v2/repositories/${repository}`;

/** As tarArchive, with paths beyond 100 bytes: GNU's long names. */
function longArchive(files: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  const add = (entry: TarEntry, content: Buffer): void => {
    parts.push(tarHeader(entry), content, paddingAfter(content.length));
  };
  for (const entry of files) {
    if (entry.type !== 'file') continue;
    if (entry.path.length > 100) {
      const name = Buffer.from(`${entry.path}\0`);
      parts.push(longName(name.length), name, paddingAfter(name.length));
    }
    add({ ...entry, path: entry.path.slice(0, 100) }, entry.content);
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** The header of a long name: a member of kind L, whose sum is made anew. */
function longName(length: number): Buffer {
  const header = tarHeader({ type: 'file', path: '././@LongLink', content: Buffer.alloc(length) });
  header.write('L', 156);
  header.write(' '.repeat(8), 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}
