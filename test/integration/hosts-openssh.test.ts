import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fingerprintOf, keyTypeOf, namesMatch, parseKnownHosts } from '../../main/hosts/known-hosts.ts';
import { resolveSshTarget } from '../../main/hosts/ssh-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'hosts-openssh-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('OpenSSH and we agree', () => {
  it('on which known_hosts lines name a host, plain and hashed', () => {
    const file = join(folder, 'known_hosts');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const [type = '', key = ''] = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ');
    const names = [
      'tokyo',
      'Osaka.example',
      '203.0.113.7',
      '[tokyo]:2222',
      '[203.0.113.7]:22022',
      '*.lab',
      'a?c',
      'kyoto,!kyoto',
      'nara,[nara]:2022',
    ];
    writeFileSync(file, names.map((each) => `${each} ${type} ${key}\n`).join(''));
    const asked = [
      'tokyo',
      'osaka.example',
      '203.0.113.7',
      '[tokyo]:2222',
      '[203.0.113.7]:22022',
      'x.lab',
      'abc',
      'abbc',
      'kyoto',
      'nara',
      '[nara]:2022',
      '[nara]:22',
      'nowhere',
    ];
    const compare = () => {
      const entries = parseKnownHosts(readFileSync(file, 'utf8'));
      for (const name of asked) {
        const theirs = spawnSync('ssh-keygen', ['-F', name, '-f', file]).status === 0;
        expect([name, entries.some((entry) => namesMatch(entry.names, name))]).toEqual([name, theirs]);
      }
    };
    compare();
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    compare();
  });

  it.each(['ed25519', 'ecdsa', 'rsa'])('on type and fingerprint of a %s key', (type) => {
    const file = join(folder, `print-${type}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    const [name, key = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const shown = execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1];
    expect([keyTypeOf(Buffer.from(key, 'base64')), fingerprintOf(key)]).toEqual([name, shown]);
  });

  it('on what the configuration says, with Include, Match exec, tokens and quoting', async () => {
    const config = join(folder, 'config');
    writeFileSync(join(folder, 'included'), 'Host tokyo\n  HostName %h.example.com\n  Port 2222\n');
    writeFileSync(
      config,
      `Include ${folder}/included\nMatch host tokyo.example.com exec "true"\n  User pat\nHost tokyo\n  IdentityFile ~/.ssh/%n-%r\n  IdentitiesOnly yes\n  ProxyJump ops@gate:2200,inner\n  UserKnownHostsFile ~/a ~/b\n  GlobalKnownHostsFile none\n  IdentityAgent none\nHost alias\n  HostKeyAlias Other\n  IdentityAgent SSH_AUTH_SOCK\n`,
    );
    const settings = { configFile: config, env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: '/agent' } };
    const home = userInfo().homedir;
    expect(await resolveSshTarget({ destination: 'tokyo' }, settings)).toEqual({
      hostname: 'tokyo.example.com',
      port: 2222,
      user: 'pat',
      hostKeyName: '[tokyo.example.com]:2222',
      identityFiles: [`${home}/.ssh/tokyo-pat`],
      identitiesOnly: true,
      agent: undefined,
      knownHostsFiles: [`${home}/a`, `${home}/b`],
      jumps: ['ops@gate:2200', 'inner'],
      proxyCommand: undefined,
    });
    const own = await resolveSshTarget(
      { destination: 'root@tokyo:22', identityFile: '/nothing/there', jump: 'other' },
      settings,
    );
    expect(own).toMatchObject({ user: 'root', port: 22, jumps: ['other'], hostKeyName: 'tokyo.example.com' });
    expect(own.identityFiles[0]).toBe('/nothing/there');
    expect(await resolveSshTarget({ destination: 'alias' }, settings)).toMatchObject({
      hostKeyName: 'other',
      agent: '/agent',
    });
  });

  it('without any ssh installed, the destination’s own words are used', async () => {
    const found = await resolveSshTarget({ destination: 'pat@tokyo:2222', jump: 'gate' }, { env: { PATH: folder } });
    expect(found).toMatchObject({
      hostname: 'tokyo',
      port: 2222,
      user: 'pat',
      hostKeyName: '[tokyo]:2222',
      jumps: ['gate'],
    });
  });
});
