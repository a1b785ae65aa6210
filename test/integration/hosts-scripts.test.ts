import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elevationProbe } from '../../main/hosts/elevate.ts';
import {
  fileFrom,
  hashOf,
  readScript,
  removeScript,
  replaceArguments,
  replaceScript,
} from '../../main/hosts/remote-files.ts';

/** A machine may have any of these as its sh; with busybox all the small tools are busybox's too. */
const shells = [
  { name: 'dash', argv: ['dash'], path: '/usr/bin:/bin' },
  { name: 'bash as sh', argv: ['bash'], path: '/usr/bin:/bin' },
  { name: 'busybox', argv: ['busybox', 'sh'], path: 'applets' },
];

describe.each(shells)('the remote scripts in $name', ({ argv, path }) => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-scripts-'));
  const applets = join(folder, 'applets');
  beforeAll(() => {
    mkdirSync(applets);
    for (const name of [
      'cat',
      'stat',
      'mktemp',
      'rm',
      'mv',
      'readlink',
      'sha256sum',
      'sync',
      'chmod',
      'chown',
      'wc',
      'id',
      'sh',
    ])
      symlinkSync('/usr/bin/busybox', join(applets, name));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (script: string, args: readonly string[], input: Uint8Array = Buffer.alloc(0)) => {
    const [program = '', ...first] = argv;
    const found = spawnSync(
      program === 'busybox' ? '/usr/bin/busybox' : program,
      [...first, '-c', script, 'sh', ...args],
      {
        input,
        argv0: program === 'bash' ? 'sh' : program,
        env: { PATH: path === 'applets' ? applets : path },
      },
    );
    expect(found.stderr.toString()).toBe('');
    return found.stdout;
  };
  const replace = (file: string, text: string, more: { expect?: string; owner?: { uid: number; gid: number } } = {}) =>
    run(replaceScript, replaceArguments(file, Buffer.from(text), { mode: 0o640, ...more }), Buffer.from(text))
      .toString()
      .trim();

  it('write, read and remove a file', () => {
    const file = join(folder, "a 'file' with\nodd $name");
    expect(replace(file, 'one', { expect: 'absent', owner: { uid: 7, gid: 8 } })).toBe('done');
    expect(fileFrom(run(readScript, [file, '100']), 'x', file)).toEqual({
      bytes: Buffer.from('one'),
      mode: 0o640,
      uid: 7,
      gid: 8,
      hash: hashOf(Buffer.from('one')),
    });
    expect(replace(file, 'two', { expect: hashOf(Buffer.from('one')) })).toBe('done');
    expect(statSync(file).uid).toBe(7);
    expect(replace(file, 'three', { expect: hashOf(Buffer.from('one')) })).toBe(
      `changed ${hashOf(Buffer.from('two'))}`,
    );
    expect(replace(file, 'three', { expect: 'absent' })).toMatch(/^changed/);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(run(readScript, [file, '2']).toString()).toBe('too-large 3\n');
    expect(run(removeScript, [file]).toString()).toBe('done\n');
    expect(run(removeScript, [file]).toString()).toBe('done\n');
    expect(fileFrom(run(readScript, [file, '100']), 'x', file)).toBeUndefined();
  });

  it('keep links, also those that lead nowhere yet', () => {
    const link = join(folder, 'link');
    mkdirSync(join(folder, 'sub'));
    symlinkSync('sub/target', link);
    expect(replace(link, 'one', { expect: 'absent' })).toBe('done');
    expect(replace(link, 'two')).toBe('done');
    expect([readlinkSync(link), readFileSync(join(folder, 'sub/target'), 'utf8')]).toEqual(['sub/target', 'two']);
  });

  it('refuse folders, missing folders and half an upload, and leave nothing behind', () => {
    expect(replace(folder, 'x')).toBe('not-a-file');
    expect(replace(join(folder, 'no/where'), 'x')).toBe('no-folder');
    const file = join(folder, 'whole');
    writeFileSync(file, 'whole');
    const args = replaceArguments(file, Buffer.alloc(10), { mode: 0o644 });
    expect(run(replaceScript, args, Buffer.alloc(9)).toString()).toBe('cut-short 9\n');
    expect(readFileSync(file, 'utf8')).toBe('whole');
    expect(run(removeScript, [folder]).toString()).toBe('not-a-file\n');
    expect(run(readScript, [folder, '10']).toString()).toBe('not-a-file\n');
    expect(run(readScript, [join(file, 'below'), '10']).toString()).toBe('absent\n');
    expect(run(removeScript, [join(file, 'below')]).toString()).toBe('done\n');
    expect(readdirSync(folder).filter((name) => name.startsWith('.mirrorfleet'))).toEqual([]);
  });

  it('know root', () => {
    expect(run(elevationProbe, ['unknown']).toString()).toBe('elevation:root\n');
  });
});
