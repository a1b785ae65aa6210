import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { formsOf } from '../../e2e/secret-forms.ts';

const found = (secret: Buffer, text: string | Buffer): boolean =>
  formsOf(secret).some((form) => Buffer.from(text).includes(form));

const secret = `Zq"7\\w%p+/${randomBytes(9).toString('hex')}`;
const bytes = Buffer.from(secret);
const hidings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => `key=${text};`],
  ['in an address', (text) => `https://x/?token=${encodeURIComponent(text)}&a=b`],
  ['in JSON', (text) => JSON.stringify({ password: text })],
  ['in JSON in JSON', (text) => JSON.stringify({ line: JSON.stringify({ password: text }) })],
  ['in hexadecimal', (text) => `0x${Buffer.from(text).toString('hex')}00`],
  ['backwards', (text) => `x${Buffer.from(text).reverse().toString()}x`],
  ...['', 'u', 'us', 'user:'].flatMap((before): (readonly [string, (text: string) => string])[] => [
    [`in Base64 after "${before}"`, (text) => Buffer.from(`${before}${text}, and more`).toString('base64')],
    [`in the other Base64 after "${before}"`, (text) => Buffer.from(`${before}${text}`).toString('base64url')],
  ]),
];

test.each(hidings)('a secret is found %s', (_, hide) => {
  expect(found(bytes, hide(secret))).toBe(true);
  expect(found(bytes, hide(randomBytes(24).toString('hex')))).toBe(false);
});

test('a private key is found by its number in PEM, in bare bytes and in a part of it', () => {
  for (let at = 0; at < 20; at += 1) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const number = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(found(number, pem)).toBe(true);
    expect(found(number, JSON.stringify({ pem }))).toBe(true);
    expect(found(number, privateKey.export({ format: 'pem', type: 'sec1' }).toString())).toBe(true);
    expect(found(number, number.toString('hex').slice(10))).toBe(true);
  }
});
