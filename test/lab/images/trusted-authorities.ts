import { readFile } from 'node:fs/promises';
import type { TarEntry } from './tar-archive.ts';

/**
 * The host's certificate bundle with the lab's authority appended, at the path where Go and Envoy look: what an
 * official image has, plus trust in the lab's registries.
 */
export async function trustedAuthorities(authorityFile: string): Promise<TarEntry[]> {
  const bundle = await readFile('/etc/ssl/certs/ca-certificates.crt');
  return [
    { type: 'folder', path: 'etc' },
    { type: 'folder', path: 'etc/ssl' },
    { type: 'folder', path: 'etc/ssl/certs' },
    {
      type: 'file',
      path: 'etc/ssl/certs/ca-certificates.crt',
      content: Buffer.concat([bundle, await readFile(authorityFile)]),
    },
  ];
}
