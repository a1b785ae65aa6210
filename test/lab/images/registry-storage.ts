import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerImage } from './container-image.ts';

/**
 * Puts an image into the storage folder of a `registry` that is not running, as a push would have
 * (same layout in 2.x and 3.x). A hundred times faster than pushing, and needs no engine.
 */
export async function storeImage(
  root: string,
  repository: string,
  tags: readonly string[],
  image: ContainerImage,
): Promise<void> {
  const store = join(root, 'docker/registry/v2');
  const folder = join(store, 'repositories', repository);
  await mkdir(join(folder, '_uploads'), { recursive: true });
  for (const { config, layers, manifest } of image.platforms) {
    const parts = [{ digest: config.digest, blob: config.content }, ...layers];
    for (const { digest, blob } of parts) {
      await storeBlob(store, digest, blob);
      await writeLink(join(folder, '_layers', asPath(digest)), digest);
    }
    await storeBlob(store, manifest.digest, manifest.content);
    await writeLink(join(folder, '_manifests/revisions', asPath(manifest.digest)), manifest.digest);
  }
  const { digest } = image.top;
  await storeBlob(store, digest, image.top.content);
  await writeLink(join(folder, '_manifests/revisions', asPath(digest)), digest);
  for (const tag of tags) {
    const tagFolder = join(folder, '_manifests/tags', tag);
    await writeLink(join(tagFolder, 'current'), digest);
    await writeLink(join(tagFolder, 'index', asPath(digest)), digest);
  }
}

async function storeBlob(store: string, digest: string, content: Buffer): Promise<void> {
  const [algorithm = '', hex = ''] = digest.split(':');
  const file = join(store, 'blobs', algorithm, hex.slice(0, 2), hex, 'data');
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function writeLink(folder: string, digest: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'link'), digest);
}

function asPath(digest: string): string {
  return digest.replace(':', '/');
}
