import { readFile } from 'node:fs/promises';
import type { TarEntry } from './tar-archive.ts';

/**
 * The host's certificate bundle with the lab's authority appended, at the path where Go and Envoy look.
 * Only the mirrors' images trust the lab's authority and the laptop does not, so that a pull which goes past the
 * mirrors fails visibly.
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
