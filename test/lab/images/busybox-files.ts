import { readFile } from 'node:fs/promises';
import type { TarEntry } from './tar-archive.ts';

const applets =
  'sh ash cat chmod cp date df dirname du echo env false find grep head hostname httpd id kill ln ls mkdir mv nc ' +
  'nslookup ping printf ps pwd rm sed sha256sum sleep sort stat tail tar test touch true uname wc wget which xargs yes';

/** A root file system in which `sh`, `sleep`, `wget` and friends run: the host's static BusyBox (Debian's `busybox-static`). */
export async function busyboxFiles(): Promise<TarEntry[]> {
  const program = await readFile('/bin/busybox');
  return [
    { type: 'folder', path: 'bin' },
    { type: 'file', path: 'bin/busybox', content: program, mode: 0o755 },
    ...applets.split(' ').map((name): TarEntry => ({ type: 'link', path: `bin/${name}`, target: 'busybox' })),
    ...accountFiles([]),
  ];
}

/** `/etc/passwd`, `/etc/group` and `/tmp`; `accounts` are added to root and given as `name:id`. */
export function accountFiles(accounts: readonly string[]): TarEntry[] {
  const all = ['root:0', ...accounts].map((account) => account.split(':'));
  const passwd = all.map(([name, id]) => `${name}:x:${id}:${id}:${name}:/:/bin/sh\n`).join('');
  const group = all.map(([name, id]) => `${name}:x:${id}:\n`).join('');
  return [
    { type: 'folder', path: 'etc' },
    { type: 'file', path: 'etc/passwd', content: Buffer.from(passwd) },
    { type: 'file', path: 'etc/group', content: Buffer.from(group) },
    { type: 'folder', path: 'tmp', mode: 0o1777 },
  ];
}
