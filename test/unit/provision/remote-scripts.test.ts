import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  environmentOf,
  lockScript,
  observeScript,
  removeContainersScript,
  removeScript,
  restoreScript,
  writeScript,
} from '../../../main/provision/remote-scripts.ts';
import { removalOrder } from '../../../main/provision/remove-node.ts';
import { tarArchive } from '../../../main/provision/tar-archive.ts';

let folder: string;
let base: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-scripts-'));
  base = join(folder, 'node');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text = path): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}

function run(script: string, args: readonly string[], path = process.env['PATH']) {
  const env = { PATH: path, HOME: folder };
  return spawnSync('sh', ['-c', script, 'sh', base, ...args], { encoding: 'utf8', env });
}

/** The same as a command of that run; `input` is what the script reads. */
function runAs(
  id: string,
  script: string,
  args: readonly string[],
  input?: Uint8Array,
  path: string | undefined = process.env['PATH'],
) {
  const env = { PATH: path, HOME: folder, ...environmentOf(id) };
  return spawnSync('sh', ['-c', script, 'sh', base, ...args], { encoding: 'utf8', env, input });
}

const read = (path: string) => readFileSync(join(base, path), 'utf8');

/** Writes files of one text as that run, and begins its set of old ones. */
function write(id: string, paths: readonly string[], text: string, path?: string) {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const archive = tarArchive(paths.map((path) => ({ path, bytes: Buffer.from(text), mode: 0o644, ...owner })));
  return runAs(id, writeScript, ['fresh', ...paths], archive, path);
}

const remove = (cache: 'keep' | 'drop', files: readonly string[], path?: string) =>
  run(removeScript, [cache, ...files], path);

/** A PATH on which a program of that name behaves as the test needs it. */
function standIn(name: string, script: string): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(tools, name), 0o755);
  return `${tools}:/usr/bin:/bin`;
}

describe('the writing script where there are no hard links', () => {
  it('keeps a copy, which the undo brings back', () => {
    put('envoy/a.yml', 'old');
    expect(write('one', ['envoy/a.yml'], 'new', standIn('ln', 'exit 1'))).toMatchObject({ status: 0 });
    expect([read('envoy/a.yml'), read('.previous/envoy/a.yml')]).toEqual(['new', 'old']);
    expect(runAs('one', restoreScript, ['restore', 'envoy/a.yml']).status).toBe(0);
    expect(read('envoy/a.yml')).toBe('old');
  });

  it('keeps no copy that was cut, so that an undo leaves the file whole', () => {
    put('a.yml', 'as it was');
    standIn('ln', 'exit 1');
    const path = standIn('cp', 'for to; do :; done; printf as >"$to"; exit 1');
    expect(write('one', ['a.yml'], 'new', path).status).not.toBe(0);
    expect(runAs('one', restoreScript, ['restore', 'a.yml'])).toMatchObject({ status: 0, stdout: '' });
    expect(read('a.yml')).toBe('as it was');
    expect(readdirSync(base).toSorted()).toEqual(['.previous', 'a.yml']);
  });
});

describe('the locking script', () => {
  it('flushes what the lock says before it is one', () => {
    mkdirSync(base);
    const path = standIn('sync', `{ cat "$1"; ls; } >'${folder}/flushed'`);
    expect(run(lockScript, ['by whom', '120', 'ours', ''], path).stdout).toBe('taken\n');
    expect(readFileSync(join(folder, 'flushed'), 'utf8')).toBe('by whom\n');
    expect(read('lock')).toBe('by whom\n');
  });
});

describe('the restoring script', () => {
  it('brings back what it can and says by its exit that something failed', () => {
    put('gone/a.yml', 'old');
    put('b.yml', 'old');
    expect(write('one', ['gone/a.yml', 'b.yml'], 'new').status).toBe(0);
    rmSync(join(base, 'gone'), { recursive: true });
    const { status, stdout } = runAs('one', restoreScript, ['restore', 'gone/a.yml', 'restore', 'b.yml']);
    expect(status).toBe(1);
    expect(stdout).toBe('restored\tb.yml\n');
    expect(read('b.yml')).toBe('old');
  });

  it('exits 0 when everything is back', () => {
    put('a.yml', 'old');
    write('one', ['a.yml', 'new.yml'], 'new');
    const words = ['restore', 'a.yml', 'delete', 'new.yml', 'retire', 'never-there'];
    expect(runAs('one', restoreScript, words)).toMatchObject({
      status: 0,
      stdout: 'restored\ta.yml\ndeleted\tnew.yml\n',
    });
    expect(readdirSync(base).toSorted()).toEqual(['.previous', 'a.yml']);
    expect(read('a.yml')).toBe('old');
  });

  it('takes a file that was kept and not replaced yet, which is one file under two names, for one that is back', () => {
    put('a.yml', 'old');
    expect(runAs('one', writeScript, ['fresh', 'a.yml'], tarArchive([])).status).not.toBe(0);
    expect(read('.previous/a.yml')).toBe('old');
    expect(runAs('one', restoreScript, ['restore', 'a.yml'])).toMatchObject({ status: 0, stdout: 'restored\ta.yml\n' });
    expect(read('a.yml')).toBe('old');
  });

  it('never brings back what an earlier run kept, also where the writing of its own run failed before anything was', () => {
    put('a.yml', 'first');
    expect(write('one', ['a.yml'], 'second').status).toBe(0);
    expect(runAs('two', writeScript, ['fresh', 'a.yml'], Buffer.from('no archive')).status).not.toBe(0);
    expect(read('a.yml')).toBe('second');
    expect(runAs('two', restoreScript, ['restore', 'a.yml'])).toMatchObject({ status: 0, stdout: '' });
    expect(read('a.yml')).toBe('second');
    expect(write('two', ['a.yml'], 'third').status).toBe(0);
    expect(runAs('two', restoreScript, ['restore', 'a.yml']).stdout).toBe('restored\ta.yml\n');
    expect(read('a.yml')).toBe('second');
  });
});

describe('the observing script', () => {
  it("sees a stranger's log folder", () => {
    put('log/theirs.txt');
    const { stdout } = run(observeScript, ['project', '-', '-']);
    expect(stdout).toMatch(/^file\t\d+\t\d+\t\d+\t\d+\t\.\/log\/theirs\.txt$/m);
  });
});

describe('the removing script', () => {
  it('is told to take last what shows that the rest is ours', () => {
    const paths = ['state.json', '.brought', 'compose.yaml', 'envoy/envoy.yaml', 'compose.yaml'];
    expect(removalOrder(paths)).toEqual(['.brought', 'envoy/envoy.yaml', 'compose.yaml', 'state.json']);
  });

  it('removes our files and the cache, and leaves nothing', () => {
    for (const path of ['compose.yaml', 'envoy/xds/cds.yaml', 'lock', '.previous/x', 'data/blobs/sha256/a']) put(path);
    expect(remove('drop', ['compose.yaml', 'envoy/xds/cds.yaml'])).toMatchObject({ status: 0, stdout: 'removed\n' });
    expect(existsSync(base)).toBe(false);
  });

  it("leaves a stranger's log folder and says so", () => {
    put('compose.yaml');
    put('log/theirs.txt');
    expect(remove('drop', ['compose.yaml']).stdout).toBe('left\t./log\nremoved\n');
    expect(existsSync(join(base, 'log/theirs.txt'))).toBe(true);
  });

  it('says that the cache is left where it cannot be deleted, and not where it is to be kept', () => {
    put('data/blobs/sha256/a');
    // A mounted data folder, as far as the script can tell.
    const path = standIn(
      'rm',
      'case "$*" in *./data*) echo "rm: ./data: busy" >&2; exit 1;; esac\nPATH=/usr/bin:/bin exec rm "$@"',
    );
    expect(remove('drop', [], path).stdout).toBe('left\t./data\nremoved\n');
    expect(remove('keep', []).stdout).toBe('removed\n');
    expect(existsSync(join(base, 'data/blobs/sha256/a'))).toBe(true);
  });
});

describe('the script that removes containers', () => {
  it.each([
    ['has removed them', 'case $1 in ps) echo a;; esac', 0],
    ['cannot be asked which there are', 'exit 1', 1],
    ['keeps one', 'case $1 in ps) echo a;; rm) exit 1;; esac', 1],
    ['keeps a network', 'case "$1 $2" in "network ls") echo n;; "network rm") exit 1;; esac', 1],
  ])('says by its exit that Docker %s', (_, docker, status) => {
    mkdirSync(base);
    expect(run(removeContainersScript, [], standIn('docker', docker)).status).toBe(status);
  });
});
