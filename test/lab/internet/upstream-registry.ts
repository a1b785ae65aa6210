import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, mustRun } from '../command.ts';
import type { Upstream } from './upstreams.ts';

/**
 * Copies an upstream's seeded storage into `dir` and returns the command that serves it.
 * Blobs are hard links where the file system allows: a registry never rewrites one. The links of `repositories`
 * are small and are really copied, since a push does rewrite them.
 */
export async function prepareRegistry(
  dir: string,
  seedFolder: string,
  registryBinary: string,
  { name, port }: Upstream,
): Promise<readonly string[]> {
  const root = join(dir, 'storage', name);
  const seed = join(seedFolder, name, 'docker/registry/v2');
  const store = join(root, 'docker/registry/v2');
  await mkdir(store, { recursive: true });
  const linked = await runCommand(['cp', '-al', join(seed, 'blobs'), store]);
  if (linked.code !== 0) await mustRun(['cp', '-a', '--reflink=auto', join(seed, 'blobs'), store]);
  await mustRun(['cp', '-a', join(seed, 'repositories'), store]);
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, secret: 'lab', relativeurls: true },
  };
  // JSON is YAML.
  const file = join(dir, `registry-${name}.yml`);
  await writeFile(file, JSON.stringify(config, null, 2));
  return [registryBinary, 'serve', file];
}
