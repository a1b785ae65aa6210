import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { Secret } from '../log/secret.ts';
import { certificateDays, fingerprint, serialNumber } from './certificate-facts.ts';

/** The private CA: its certificate in PEM and its key (PKCS #8 PEM), which only the vault keeps. */
export interface Authority {
  readonly certificate: string;
  readonly key: Secret;
}

/** A certificate of the private CA. `chain` is what a server sends: the certificate itself (the CA is what clients already hold). */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly chain: string;
  readonly key: Secret;
  /** Upper-case hex, as in a revocation list. */
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex: what the edge logs as `peerFingerprint`. */
  readonly fingerprint: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;
const authorityName = 'CN=Mirrorfleet private CA,O=Mirrorfleet';
const authorityDays = 3650;

/** Certificates begin an hour in the past: the clocks of a laptop and a server differ. */
const backdate = 60 * 60 * 1000;

/** Public authorities may not issue for longer, and Apple's systems refuse longer ones from private ones too. */
const maxServerDays = 397;

/** A new private CA: ECDSA P-256, valid for ten years, signs end certificates and revocation lists only. */
export async function createAuthority(now: Date = new Date()): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: authorityName,
    ...validity(authorityDays, now),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * A certificate for an edge. `names` are what clients connect to: DNS names (a leading `*.` is fine) and IP addresses, told apart here;
 * `days` is at most 397.
 */
export async function issueServer(
  authority: Authority,
  request: { readonly names: readonly string[]; readonly days: number },
  now: Date = new Date(),
): Promise<IssuedCertificate> {
  const [first] = request.names;
  if (first === undefined) throw new Error('A server certificate needs at least one name.');
  if (request.days < 1 || request.days > maxServerDays) {
    throw new Error(`A server certificate is valid for 1 to ${maxServerDays} days, not ${request.days}.`);
  }
  const names = request.names.map((name) => ({
    type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const),
    value: name,
  }));
  return issue(authority, `CN=${escapeName(first)}`, request.days, now, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ]);
}

/** A certificate for one computer, by which an edge knows it; valid as long as the CA, ended by revocation. */
export async function issueClient(
  authority: Authority,
  request: { readonly name: string },
  now: Date = new Date(),
): Promise<IssuedCertificate> {
  const left = certificateDays(authority.certificate, now);
  return issue(authority, `CN=${escapeName(request.name)}`, Math.max(1, left), now, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
  ]);
}

/** A revoked certificate: serial in hex and when it was revoked. */
export interface Revoked {
  readonly serial: string;
  readonly at: Date;
}

/**
 * The CA's revocation list in PEM. It stays valid until the CA ends: an edge refuses every client once its list has expired, and a
 * node must go on while no laptop is there to bring a new list.
 */
export async function createRevocationList(
  authority: Authority,
  revoked: readonly Revoked[],
  now: Date = new Date(),
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const unique = [...new Map(revoked.map(({ serial, at }) => [serial.toUpperCase(), at]))];
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName.toJSON(),
    thisUpdate: new Date(now.getTime() - backdate),
    nextUpdate: issuer.notAfter,
    // A reason for each: without one the library writes an empty list of extensions, for which BoringSSL refuses the whole file.
    entries: unique.map(([serialNumber, revocationDate]) => ({
      serialNumber,
      revocationDate,
      reason: x509.X509CrlReason.cessationOfOperation,
    })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      new x509.Extension('2.5.29.20', false, crlNumber(now)),
    ],
    signingAlgorithm: algorithm,
    signingKey: await importKey(authority.key),
  });
  return armour('X509 CRL', list.rawData);
}

async function issue(
  authority: Authority,
  subject: string,
  days: number,
  now: Date,
  extensions: readonly x509.Extension[],
): Promise<IssuedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: issuer.subjectName.toJSON(),
    ...validity(days, now),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const text = pem(certificate);
  return {
    certificate: text,
    chain: text,
    key: await exportKey(keys.privateKey),
    serial: serialNumber(text),
    fingerprint: fingerprint(text),
  };
}

function validity(days: number, now: Date): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - backdate), notAfter: new Date(now.getTime() + days * day) };
}

/** 127 random bits; the first byte stays in 0x40–0x7f so that the number is positive and always 16 bytes long. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** RFC 5280 wants a number that grows with each list: the seconds since 1970, as a DER INTEGER (shortest form, positive). */
function crlNumber(now: Date): Uint8Array<ArrayBuffer> {
  const hex = Math.floor(now.getTime() / 1000).toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = [...Buffer.from(even, 'hex')];
  const positive = (bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes;
  return Uint8Array.from([0x02, positive.length, ...positive]);
}

/** RFC 4514: these characters end a value unless escaped. */
function escapeName(name: string): string {
  return name.replace(/[,+"\\<>;=#]/g, (character) => `\\${character}`);
}

function pem(certificate: x509.X509Certificate): string {
  return armour('CERTIFICATE', certificate.rawData);
}

/** The X.509 library labels a revocation list `CRL`, which neither OpenSSL nor BoringSSL reads; RFC 7468 says `X509 CRL`. */
function armour(label: 'CERTIFICATE' | 'X509 CRL' | 'PRIVATE KEY', der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<Secret> {
  return new Secret(armour('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', key)));
}

async function importKey(key: Secret): Promise<webcrypto.CryptoKey> {
  const body = key.reveal().replace(/-----[A-Z ]+-----|\s/g, '');
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(body, 'base64'), algorithm, false, ['sign']);
}
