import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { accountFiles } from './busybox-files.ts';
import { type PlatformImage, platformImage } from './container-image.ts';
import { makeLayer } from './layer.ts';
import type { TarEntry } from './tar-archive.ts';
import { trustedAuthorities } from './trusted-authorities.ts';

export const envoyImageName = 'envoyproxy/envoy:distroless-v1.40.0';

/** What the program is linked against; any glibc from 2.31 on will do, and Debian's is here. */
const libraries = ['libm.so.6', 'librt.so.1', 'libdl.so.2', 'libpthread.so.0', 'libc.so.6'];

/** Envoy's distroless image: the program, its libraries, no shell, user `nonroot`; `envoy` (101) exists as in the full image. */
export async function buildEnvoyImage(envoyBinary: string, authorityFile: string): Promise<PlatformImage> {
  const base = makeLayer([
    ...accountFiles(['envoy:101', 'nonroot:65532']),
    ...(await trustedAuthorities(authorityFile)),
    { type: 'folder', path: 'lib64' },
    await programFile('lib64', '/lib64/ld-linux-x86-64.so.2'),
    { type: 'folder', path: 'lib' },
    { type: 'folder', path: 'lib/x86_64-linux-gnu' },
    ...(await Promise.all(
      libraries.map((name) => programFile('lib/x86_64-linux-gnu', `/lib/x86_64-linux-gnu/${name}`)),
    )),
  ]);
  const program = makeLayer([
    { type: 'folder', path: 'etc/envoy' },
    { type: 'folder', path: 'usr' },
    { type: 'folder', path: 'usr/local' },
    { type: 'folder', path: 'usr/local/bin' },
    await programFile('usr/local/bin', envoyBinary),
  ]);
  return platformImage('oci', 'amd64', [base, program], {
    Entrypoint: ['/usr/local/bin/envoy'],
    Cmd: ['-c', '/etc/envoy/envoy.yaml'],
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
    User: 'nonroot',
    ExposedPorts: { '10000/tcp': {} },
  });
}

async function programFile(folder: string, source: string): Promise<TarEntry> {
  return { type: 'file', path: `${folder}/${basename(source)}`, content: await readFile(source), mode: 0o755 };
}
