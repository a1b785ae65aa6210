import { describe, expect, it } from 'vitest';
import { hostKeyName, parseDestination, parseSshSettings } from '../../../main/hosts/ssh-config.ts';

describe('a destination', () => {
  it.each([
    ['tokyo', { user: undefined, host: 'tokyo', port: undefined }],
    ['ops@203.0.113.7', { user: 'ops', host: '203.0.113.7', port: undefined }],
    ['ops@tokyo:2222', { user: 'ops', host: 'tokyo', port: 2222 }],
    ['ssh://ops@tokyo:2222/', { user: 'ops', host: 'tokyo', port: 2222 }],
    ['ops@[2001:db8::7]:2222', { user: 'ops', host: '2001:db8::7', port: 2222 }],
    ['2001:db8::7', { user: undefined, host: '2001:db8::7', port: undefined }],
    ['me@example.com@tokyo', { user: 'me@example.com', host: 'tokyo', port: undefined }],
  ])('%s is taken apart', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected);
  });

  it.each([
    '',
    '-oProxyCommand=x',
    'ops@-x',
    '-x@tokyo',
    'a b',
    'a\nb',
    '`id`',
    'a;b',
    '$(id)@tokyo',
    'ops@',
    '@tokyo',
    'tokyo:0',
  ])('%j is refused', (text) => {
    expect(() => parseDestination(text)).toThrow(/not a machine/);
  });

  it('has the name known_hosts gives it', () => {
    expect([hostKeyName('Tokyo', 22), hostKeyName('tokyo', 2222)]).toEqual(['tokyo', '[tokyo]:2222']);
  });
});

describe('the answer of ssh -G', () => {
  it('keeps every value of a keyword in order', () => {
    const settings = parseSshSettings(
      'user pat\nidentityfile ~/.ssh/a\nidentityfile ~/.ssh/b c\nhostname 10.0.0.1\nempty\n',
    );
    expect(settings.get('identityfile')).toEqual(['~/.ssh/a', '~/.ssh/b c']);
    expect(settings.get('hostname')).toEqual(['10.0.0.1']);
  });
});
