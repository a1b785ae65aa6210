import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authority,
  createAuthority,
  createRevocationList,
  issueClient,
  issueServer,
} from '../../../main/certificates/authority.ts';
import { certificateDays, fingerprint, serialNumber } from '../../../main/certificates/certificate-facts.ts';

let folder: string;
let authority: Authority;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mirrorfleet-ca-'));
  authority = await createAuthority();
  await writeFile(join(folder, 'ca.pem'), authority.certificate);
});
afterAll(() => rm(folder, { recursive: true }));

/** The real openssl: what it prints, and whether it agreed. */
function openssl(...args: string[]): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile('openssl', args, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ ok: error === null, text: stdout + stderr }),
    );
  });
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

describe('the private CA', () => {
  it('makes server certificates that openssl accepts for their DNS names and addresses, and for nothing else', async () => {
    const issued = await issueServer(authority, {
      names: ['mirror.example', '*.mirror.example', '203.0.113.11', '2001:db8::1'],
      days: 397,
    });
    const leaf = await file('server.pem', issued.certificate);
    const verify = (...more: string[]) =>
      openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', 'sslserver', ...more, leaf);
    for (const name of ['mirror.example', 'docker.mirror.example']) {
      expect(await verify('-verify_hostname', name)).toMatchObject({ ok: true });
    }
    for (const address of ['203.0.113.11', '2001:db8::1']) {
      expect(await verify('-verify_ip', address)).toMatchObject({ ok: true });
    }
    expect((await verify('-verify_hostname', 'other.example')).ok).toBe(false);
    expect((await openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', leaf)).ok).toBe(false);
  });

  it('makes client certificates that are none for a server', async () => {
    const issued = await issueClient(authority, { name: 'laptop, "of" Ann' });
    const leaf = await file('client.pem', issued.certificate);
    expect(await openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', 'sslclient', leaf)).toMatchObject({
      ok: true,
    });
    expect((await openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslserver', leaf)).ok).toBe(false);
    expect((await openssl('x509', '-noout', '-subject', '-in', leaf)).text).toContain('laptop, \\"of\\" Ann');
  });

  it('gives out keys that belong to their certificates and print as redacted', async () => {
    const issued = await issueClient(authority, { name: 'laptop' });
    const leaf = await file('pair.pem', issued.certificate);
    const key = await file('pair.key', issued.key.reveal());
    const fromKey = await openssl('pkey', '-in', key, '-pubout');
    const fromLeaf = await openssl('x509', '-in', leaf, '-noout', '-pubkey');
    expect(fromKey).toEqual(fromLeaf);
    expect(JSON.stringify(issued)).not.toContain('PRIVATE');
  });

  it('ends a certificate by a revocation list that openssl reads, and by nothing while the list is empty', async () => {
    const issued = await issueClient(authority, { name: 'lost laptop' });
    const leaf = await file('lost.pem', issued.certificate);
    const check = async (list: string) =>
      openssl('verify', '-CAfile', 'ca.pem', '-CRLfile', await file('crl.pem', list), '-crl_check', leaf);
    expect(await check(await createRevocationList(authority, []))).toMatchObject({ ok: true });
    const revoked = await check(await createRevocationList(authority, [{ serial: issued.serial, at: new Date() }]));
    expect(revoked.text).toContain('certificate revoked');
    const entries = (await openssl('crl', '-noout', '-text', '-in', 'crl.pem')).text;
    expect(entries).toContain('Cessation Of Operation');
  });

  it('keeps the revocation list valid as long as itself, for a node that nobody visits', async () => {
    const list = await file('long.pem', await createRevocationList(authority, []));
    const until = async (...args: string[]) => (await openssl(...args)).text.split('=')[1];
    expect(await until('crl', '-noout', '-nextupdate', '-in', list)).toBe(
      await until('x509', '-noout', '-enddate', '-in', 'ca.pem'),
    );
  });

  it('begins every validity an hour in the past, for clocks that differ', async () => {
    const now = new Date();
    const [ca, leaf, list] = [
      await file('now-ca.pem', (await createAuthority(now)).certificate),
      await file('now.pem', (await issueServer(authority, { names: ['a.example'], days: 90 }, now)).certificate),
      await file('now-crl.pem', await createRevocationList(authority, [], now)),
    ];
    const starts = [
      await openssl('x509', '-noout', '-startdate', '-in', ca),
      await openssl('x509', '-noout', '-startdate', '-in', leaf),
      await openssl('crl', '-noout', '-lastupdate', '-in', list),
    ].map(({ text }) => Date.parse(text.trim().split('=')[1] ?? ''));
    for (const start of starts) expect(now.getTime() - start).toBeGreaterThanOrEqual(3600_000);
  });

  it('tells the days that are left, the serial and the fingerprint as openssl does', async () => {
    const now = new Date('2027-01-01T00:00:00Z');
    const { certificate, serial } = await issueServer(authority, { names: ['a.example'], days: 90 }, now);
    const leaf = await file('facts.pem', certificate);
    expect(certificateDays(certificate, now)).toBe(90);
    expect(certificateDays(certificate, new Date('2027-04-03T00:00:00Z'))).toBe(-2);
    expect((await openssl('x509', '-noout', '-serial', '-in', leaf)).text).toBe(`serial=${serial}\n`);
    expect(serialNumber(certificate)).toBe(serial);
    const printed = (await openssl('x509', '-noout', '-fingerprint', '-sha256', '-in', leaf)).text;
    expect(fingerprint(certificate)).toBe(printed.trim().split('=')[1]?.replaceAll(':', '').toLowerCase());
  });

  it('refuses a server certificate for longer than clients accept, or for no name', async () => {
    await expect(issueServer(authority, { names: ['a.example'], days: 398 })).rejects.toThrow('1 to 397 days');
    await expect(issueServer(authority, { names: [], days: 90 })).rejects.toThrow('at least one name');
  });
});
