import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedBuild } from '../cached-build.ts';
import { mustRun } from '../command.ts';

/** PEM files of a certificate and its key. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

const p256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/**
 * The lab's certificate authority, made once and kept for ten years: the node images contain it, and with a new
 * one for every run they would have to be rebuilt. Lab images and machines trust it, this computer never does.
 */
export async function labAuthority(): Promise<CertificateFiles> {
  const folder = await cachedBuild('authority-1', async (partial) => {
    await mustRun([
      'openssl',
      'req',
      '-x509',
      ...p256,
      '-days',
      '3650',
      '-subj',
      '/CN=Mirrorfleet lab authority',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-keyout',
      join(partial, 'ca.key'),
      '-out',
      join(partial, 'ca.crt'),
    ]);
  });
  return { certificate: join(folder, 'ca.crt'), key: join(folder, 'ca.key') };
}

/**
 * Issues a server certificate for `names` (DNS names; the first is the file name in `folder`).
 * `days` may be negative for one that has already expired.
 */
export async function issueCertificate(
  authority: CertificateFiles,
  folder: string,
  names: readonly [string, ...string[]],
  days = 90,
): Promise<CertificateFiles> {
  await mkdir(folder, { recursive: true });
  const base = join(folder, names[0]);
  const files = { certificate: `${base}.crt`, key: `${base}.key` };
  const extensions = [
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=serverAuth',
  ];
  await writeFile(`${base}.ext`, extensions.join('\n'));
  await mustRun([
    'openssl',
    'req',
    '-new',
    ...p256,
    '-subj',
    `/CN=${names[0]}`,
    '-keyout',
    files.key,
    '-out',
    `${base}.csr`,
  ]);
  const serial = BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000));
  await mustRun([
    'openssl',
    'x509',
    '-req',
    '-in',
    `${base}.csr`,
    '-CA',
    authority.certificate,
    '-CAkey',
    authority.key,
    '-set_serial',
    String(serial),
    '-days',
    String(days),
    '-extfile',
    `${base}.ext`,
    '-out',
    files.certificate,
  ]);
  return files;
}
