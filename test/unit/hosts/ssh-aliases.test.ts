import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aliasesIn, knownSshHosts } from '../../../main/hosts/ssh-aliases.ts';

const none = () => [];

describe('the machines that an ssh configuration names', () => {
  test.each([
    ['Host tokyo\n  HostName 203.0.113.7\n', ['tokyo']],
    ['Host a b "c"  # d\nhost=e\nHOST = f\n', ['a', 'b', 'c', 'e', 'f']],
    ['Host *\nHost *.example ?x !y\nHost web *.web !not\n', ['web']],
    ['Match host z\n  User x\n# Host hidden\n', []],
    ['Host twice\nHost twice\n', ['twice']],
    ['Host -oProxyCommand=x fine\n', ['fine']],
    ['Host dos\r\n  User x\r\n', ['dos']],
  ])('%j', (text, expected) => {
    expect(aliasesIn(text, none)).toEqual(expected);
  });

  test('includes are followed where they stand, and a circle of them ends', () => {
    const files: Record<string, string> = { one: 'Host a\nInclude two\n', two: 'Host b\nInclude one\n' };
    expect(aliasesIn('Include one\nHost c\n', (pattern) => [files[pattern] ?? ''])).toEqual(['a', 'b', 'c']);
  });

  test('no text whatever makes it fail, and every name is on one Host line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const name of aliasesIn(text, none)) expect(text).toContain(name);
      }),
    );
  });

  test('are resolved by ssh itself, with what other blocks give them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aliases-'));
    try {
      mkdirSync(join(folder, 'more'));
      writeFileSync(join(folder, 'more/a.conf'), 'Host osaka\n  Port 2222\n');
      const config = join(folder, 'config');
      writeFileSync(config, `Include ${folder}/more/*.conf\nHost tokyo\n  HostName 203.0.113.7\nHost *\n  User ada\n`);
      expect(await knownSshHosts({ configFile: config })).toEqual([
        { alias: 'osaka', hostName: 'osaka', user: 'ada', port: 2222 },
        { alias: 'tokyo', hostName: '203.0.113.7', user: 'ada', port: 22 },
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('are none where there is no configuration', async () => {
    expect(await knownSshHosts({ configFile: '/nowhere/config' })).toEqual([]);
  });
});
