import { open } from 'node:fs/promises';
import type { PlatformImage } from './container-image.ts';
import { paddingAfter, tarHeader } from './tar-archive.ts';

/**
 * Writes what `docker save` would: accepted by `docker load`, `podman load` and skopeo's `docker-archive:`.
 * `reference` must be a full name (`docker.io/library/registry:3.1.1`): Podman files a short one under `localhost/`.
 */
export async function writeDockerArchive(file: string, image: PlatformImage, reference: string): Promise<void> {
  const hex = (digest: string): string => digest.slice('sha256:'.length);
  const layers = image.layers.map((layer) => ({ path: `${hex(layer.diffId)}.tar`, content: layer.tar }));
  const config = { path: `${hex(image.config.digest)}.json`, content: image.config.content };
  const manifest = [{ Config: config.path, RepoTags: [reference], Layers: layers.map(({ path }) => path) }];
  const members = [config, ...layers, { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) }];
  const output = await open(file, 'w');
  try {
    for (const member of members) {
      await output.writeFile(tarHeader({ type: 'file', ...member }));
      await output.writeFile(member.content);
      await output.writeFile(paddingAfter(member.content.length));
    }
    await output.writeFile(Buffer.alloc(1024));
  } finally {
    await output.close();
  }
}
