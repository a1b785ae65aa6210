import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeHostKey } from '../../../main/hosts/host-keys.ts';
import {
  fingerprintOf,
  judgeKnownHosts,
  keyTypeOf,
  knownTypes,
  namesMatch,
  parseKnownHosts,
} from '../../../main/hosts/known-hosts.ts';

function key(type = 'ssh-ed25519', seed = randomBytes(32)): Buffer {
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([field(Buffer.from(type)), field(seed)]);
}
const line = (names: string, blob: Buffer, marker = '') =>
  `${marker}${names} ${keyTypeOf(blob)} ${blob.toString('base64')} a comment\n`;
const hashed = (name: string) => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('known_hosts', () => {
  const mine = key();
  const other = key();
  const judge = (text: string, name: string, blob = mine) => judgeKnownHosts(parseKnownHosts(text), name, blob).kind;

  it.each([
    ['a plain name', line('tokyo', mine), 'tokyo', 'trusted'],
    ['a name in capitals', line('Tokyo', mine), 'tokyo', 'trusted'],
    ['one of several names', line('osaka,tokyo,203.0.113.7', mine), '203.0.113.7', 'trusted'],
    ['another port', line('[tokyo]:2222', mine), '[tokyo]:2222', 'trusted'],
    ['the port of another entry', line('[tokyo]:2222', mine), 'tokyo', 'unknown'],
    ['the bare name for another port', line('tokyo', mine), '[tokyo]:2222', 'trusted'],
    ['another key under the bare name for another port', line('tokyo', other), '[tokyo]:2222', 'unknown'],
    ['a wildcard', line('*.example.com', mine), 'a.example.com', 'trusted'],
    ['a wildcard that is negated', line('*.example.com,!a.example.com', mine), 'a.example.com', 'unknown'],
    ['a question mark', line('toky?', mine), 'tokyo', 'trusted'],
    ['a hashed name', line(hashed('tokyo'), mine), 'tokyo', 'trusted'],
    ['a hashed name with port', line(hashed('[tokyo]:2222'), mine), '[tokyo]:2222', 'trusted'],
    ['the hash of another name', line(hashed('osaka'), mine), 'tokyo', 'unknown'],
    ['another key', line('tokyo', other), 'tokyo', 'changed'],
    ['another key beside the right one', line('tokyo', other) + line('tokyo', mine), 'tokyo', 'trusted'],
    ['a key of another type only', line('tokyo', key('ecdsa-sha2-nistp256')), 'tokyo', 'changed'],
    ['a revoked key', line('tokyo', mine) + line('*', mine, '@revoked '), 'tokyo', 'revoked'],
    ['another key that is revoked', line('tokyo', mine) + line('*', other, '@revoked '), 'tokyo', 'trusted'],
    ['a certificate authority', line('*', mine, '@cert-authority '), 'tokyo', 'unknown'],
    ['a marker nobody knows', line('tokyo', mine, '@odd '), 'tokyo', 'unknown'],
    [
      'comments, blanks and rubbish',
      `# tokyo\n\n  \ntokyo\ntokyo ssh-ed25519\n\t${line('tokyo', mine)}`,
      'tokyo',
      'trusted',
    ],
    ['nothing', '', 'tokyo', 'unknown'],
  ])('knows %s', (_, text, name, expected) => {
    expect(judge(text, name)).toBe(expected);
  });

  it('names the key types it could compare', () => {
    const entries = parseKnownHosts(
      line('tokyo', mine) + line(hashed('tokyo'), key('ssh-rsa')) + line('osaka', key('ecdsa-sha2-nistp256')),
    );
    expect(knownTypes(entries, 'tokyo')).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });

  it('finds a key under its name in any file, and never under a name that is not there', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,15}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 2, maxLength: 6 }),
        fc.boolean(),
        fc.string(),
        ([first = 'a', ...rest], hash, noise) => {
          const keys = new Map(rest.map((each) => [each, key()]));
          const text = `${noise.replace(/^/gm, '#')}\n${[...keys].map(([each, blob]) => line(hash ? hashed(each) : each, blob)).join('')}`;
          for (const [each, blob] of keys) expect(judge(text, each, blob)).toBe('trusted');
          expect(judge(text, first)).toBe('unknown');
        },
      ),
    );
  });

  it('matches wildcards as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (wanted, name) => {
        const expression = new RegExp(`^${wanted.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(namesMatch(wanted, name)).toBe(expression.test(name));
      }),
    );
  });

  it('is not slowed down by a pattern made to be slow', () => {
    const begin = performance.now();
    expect(namesMatch(`${'*a'.repeat(500)}b`, 'a'.repeat(5000))).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('lets known_hosts speak before what was confirmed here', () => {
    const pins = [fingerprintOf(mine)];
    const verdict = (text: string, pinned: string[]) => {
      const answer = judgeHostKey('tokyo', mine, parseKnownHosts(text), pinned);
      return answer.kind === 'trusted' ? 'trusted' : answer.problem.code;
    };
    expect(verdict('', pins)).toBe('trusted');
    expect(verdict('', [])).toBe('host-key-unknown');
    expect(verdict('', [fingerprintOf(other)])).toBe('host-key-changed');
    expect(verdict(line('tokyo', other), pins)).toBe('host-key-changed');
    expect(verdict(line('tokyo', mine), [fingerprintOf(other)])).toBe('trusted');
    expect(verdict(line('tokyo', mine, '@revoked '), pins)).toBe('host-key-revoked');
  });
});
