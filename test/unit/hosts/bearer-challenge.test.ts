import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBearerChallenge, tokenUrl } from '../../../main/hosts/bearer-challenge.ts';

describe('a bearer challenge', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
      'https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull',
    ],
    ['bearer realm=https://x/t , service=a', 'https://x/t?service=a'],
    [
      'Bearer realm="https://x/t?a=1",scope="repository:a:pull,push repository:b:pull"',
      'https://x/t?a=1&scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Ab%3Apull',
    ],
    ['Basic realm="x", Bearer realm="https://x/t"', 'https://x/t'],
    ['Bearer realm="https://x/t",error="insufficient_scope"', 'https://x/t'],
  ])('%s leads to its token', (header, url) => {
    const challenge = parseBearerChallenge(header);
    expect(challenge && String(tokenUrl(challenge))).toBe(url);
  });

  it.each([
    '',
    'Basic realm="x"',
    'Bearer',
    'Bearer service="x"',
    'Bearer realm="not a url"',
    'Bearer realm="file:///etc/passwd"',
  ])('%j leads nowhere', (header) => {
    expect(parseBearerChallenge(header)).toBeUndefined();
  });

  it('never throws and never hangs', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('Bearer realm="https://x",=\\ ')) }),
        (text) => void parseBearerChallenge(`Bearer ${text}`),
      ),
    );
  });
});
