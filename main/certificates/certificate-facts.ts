import { X509Certificate } from 'node:crypto';

const day = 24 * 60 * 60 * 1000;

/** Whole days until a certificate (the first of the PEM) ends; negative when it has. */
export function certificateDays(certificate: string, now: Date = new Date()): number {
  return Math.floor((new X509Certificate(certificate).validToDate.getTime() - now.getTime()) / day);
}

/** SHA-256 of a certificate's DER in lower-case hex. */
export function fingerprint(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** A certificate's serial in upper-case hex. */
export function serialNumber(certificate: string): string {
  return new X509Certificate(certificate).serialNumber.toUpperCase();
}

/** Whom a certificate names (its common name) and when it ends, in ms since 1970. */
export function holderOf(certificate: string): { readonly name: string; readonly notAfter: number } {
  const { subject, validToDate } = new X509Certificate(certificate);
  return { name: /^CN=(.*)$/m.exec(subject)?.[1] ?? subject, notAfter: validToDate.getTime() };
}
