import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { Secret } from '../../../main/log/secret.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { SettingsStore } from '../../../main/store/settings.ts';
import { Vault } from '../../../main/store/vault.ts';
import { VaultAccess } from '../../../main/store/vault-access.ts';
import { amount } from '../../endurance/length.ts';
import { problemCode } from '../problem-code.ts';
import { nodeOf, ownFiles } from './own-files.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'broken-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** What reading comes to: the value, or the code of a Problem that names the file; anything else is thrown on. */
function outcomeOf(body: () => unknown, path: string): unknown {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.problem.message).toContain(path);
    return error.problem.code;
  }
}

describe.each(ownFiles)('$name', (file) => {
  let path: string;
  let whole: Buffer;
  let value: unknown;
  beforeEach(() => {
    path = join(folder, file.name);
    file.fill(folder);
    whole = fs.readFileSync(path);
    value = file.read(folder);
  });

  /** Neither reading nor changing touches a file that is refused. */
  function expectRefused(codes: readonly string[]): void {
    const before = fs.statSync(path).isFile() ? fs.readFileSync(path) : undefined;
    expect(codes).toContain(outcomeOf(() => file.read(folder), path));
    expect(codes).toContain(outcomeOf(() => file.change(folder), path));
    if (before) expect(fs.readFileSync(path)).toEqual(before);
  }

  const damaged = ['store-unreadable', 'switch-records-unreadable', 'key-file-damaged'];

  test('cut off at any length it is read as it was or refused by name, and never written over', {
    timeout: 30_000,
  }, () => {
    for (let length = 0; length < whole.length; length += amount(3, 1)) {
      fs.writeFileSync(path, whole.subarray(0, length));
      const outcome = outcomeOf(() => file.read(folder), path);
      if (damaged.includes(String(outcome))) expectRefused(damaged);
      else expect(outcome, `${length} of ${whole.length} bytes`).toEqual(value);
    }
  });

  test.each([
    ['zeros, as a power cut leaves them', Buffer.alloc(100)],
    ['null', Buffer.from('null')],
    ['a list', Buffer.from('[]')],
    ['a number', Buffer.from('7')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
  ])('holding %s it is refused and left as it is', (_, bytes) => {
    fs.writeFileSync(path, bytes);
    expectRefused(damaged);
  });

  test('with a folder in its place it is refused', () => {
    fs.rmSync(path);
    fs.mkdirSync(path);
    expectRefused(['store-unreadable']);
    expect(fs.statSync(path).isDirectory()).toBe(true);
  });

  test('behind a link it is read and replaced there, and the link stays', () => {
    const elsewhere = join(folder, 'elsewhere');
    fs.renameSync(path, elsewhere);
    fs.symlinkSync(elsewhere, path);
    expect(file.read(folder)).toEqual(value);
    file.change(folder);
    expect(fs.lstatSync(path).isSymbolicLink()).toBe(true);
    expect(fs.statSync(elsewhere).mode & 0o777).toBe(0o600);
    const changed = file.read(folder);
    fs.renameSync(elsewhere, path);
    expect(file.read(folder)).toEqual(changed);
  });

  test('behind a link that leads nowhere it is refused: its disk may not be mounted', () => {
    fs.rmSync(path);
    fs.symlinkSync(join(folder, 'not-mounted'), path);
    expect(outcomeOf(() => file.read(folder), path)).toBe('store-unreadable');
    expect(outcomeOf(() => file.change(folder), path)).toBe('store-unreadable');
    expect(fs.readlinkSync(path)).toBe(join(folder, 'not-mounted'));
  });

  test('what a killed process has left beside it is written over, and everything is private', () => {
    for (const each of fs.readdirSync(folder)) fs.rmSync(join(folder, each));
    fs.writeFileSync(`${path}.new`, '{"ha', { mode: 0o644 });
    file.fill(folder);
    expect(file.read(folder)).toEqual(value);
    expect(fs.existsSync(`${path}.new`)).toBe(false);
    for (const each of fs.readdirSync(folder)) expect(fs.statSync(join(folder, each)).mode & 0o077).toBe(0);
  });
});

test.each(ownFiles.filter(({ name }) => name !== 'vault.key'))(
  '$name of a newer version is refused and left as it is',
  (file) => {
    const path = join(folder, file.name);
    file.fill(folder);
    const content = JSON.parse(fs.readFileSync(path, 'utf8')) as Record<string, unknown>;
    const newer = JSON.stringify({ ...content, [file.name === 'switches.json' ? 'version' : '$version']: 2 });
    fs.writeFileSync(path, newer);
    expect(outcomeOf(() => file.read(folder), path)).toBe('store-newer');
    expect(outcomeOf(() => file.change(folder), path)).toBe('store-newer');
    expect(fs.readFileSync(path, 'utf8')).toBe(newer);
  },
);

test.each(['settings.json', 'nodes.json', 'vault.json'])(
  '%s of before versions stood in it is read in full, and not touched by that',
  (name) => {
    const file = ownFiles.find((each) => each.name === name);
    file?.fill(folder);
    const value = file?.read(folder);
    const path = join(folder, name);
    const { $version, ...old } = JSON.parse(fs.readFileSync(path, 'utf8')) as Record<string, unknown>;
    expect($version).toBe(1);
    fs.writeFileSync(path, JSON.stringify(old));
    expect(file?.read(folder)).toEqual(value);
    expect(fs.readFileSync(path, 'utf8')).toBe(JSON.stringify(old));
    file?.change(folder);
    expect(JSON.parse(fs.readFileSync(path, 'utf8'))).toMatchObject({ $version: 1 });
  },
);

test('a node of another form is refused by the name of its file, and no node is lost', () => {
  const path = join(folder, 'nodes.json');
  new NodeStore(folder).put(nodeOf('tokyo'));
  const text = fs.readFileSync(path, 'utf8').replace('"ssh"', '"carrier-pigeon"');
  fs.writeFileSync(path, text);
  expect(outcomeOf(() => new NodeStore(folder), path)).toBe('store-unreadable');
  expect(fs.readFileSync(path, 'utf8')).toBe(text);
});

test('a fleet whose file is broken while the core runs is still known, and the file is not written over', () => {
  const path = join(folder, 'nodes.json');
  const nodes = new NodeStore(folder);
  nodes.put(nodeOf('tokyo'));
  fs.writeFileSync(path, '{"tok');
  expect(nodes.list()).toEqual([nodeOf('tokyo')]);
  expect(nodes.find('tokyo')).toEqual(nodeOf('tokyo'));
  expect(problemCode(() => nodes.put(nodeOf('osaka')))).toBe('store-unreadable');
  expect(problemCode(() => nodes.remove('tokyo'))).toBe('store-unreadable');
  expect(fs.readFileSync(path, 'utf8')).toBe('{"tok');
});

test('what a person changes in a file by hand while the core runs is taken up, and kept by the next write', () => {
  const nodes = new NodeStore(folder);
  nodes.put(nodeOf('tokyo'));
  const path = join(folder, 'nodes.json');
  fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('docker.io', 'quay.io'));
  nodes.put(nodeOf('osaka'));
  expect(new NodeStore(folder).list()).toEqual([nodeOf('tokyo', 'quay.io'), nodeOf('osaka')]);
});

test('a file in the place of their folder is told by its name', () => {
  fs.writeFileSync(join(folder, 'file'), '');
  expect(outcomeOf(() => new SettingsStore(join(folder, 'file')), 'settings.json')).toBe('store-unreadable');
  expect(problemCode(() => takeInstanceLock(join(folder, 'file')))).toBe('store-not-written');
});

test.each([
  ['cut off', 'SQLite format 3'],
  ['no lock of ours', 'x'.repeat(5000)],
])('a lock file that is %s lets one core run, and one only', (_, text) => {
  fs.writeFileSync(join(folder, 'core.lock'), text);
  const release = takeInstanceLock(folder);
  expect(release).toBeTypeOf('function');
  expect(takeInstanceLock(folder)).toBeUndefined();
  release?.();
});

test('a folder in the place of the lock file is told, and not as another core that runs', () => {
  fs.mkdirSync(join(folder, 'core.lock'));
  expect(outcomeOf(() => takeInstanceLock(folder), join(folder, 'core.lock'))).toBe('store-not-written');
});

test('a vault whose key file is gone is not given another key', () => {
  const file = ownFiles.find(({ name }) => name === 'vault.json');
  file?.fill(folder);
  fs.rmSync(join(folder, 'vault.key'));
  expect(problemCode(() => file?.read(folder))).toBe('vault-key-wrong');
  expect(fs.existsSync(join(folder, 'vault.key'))).toBe(false);
});

test('a key file that holds half a key is refused, and the vault stays', () => {
  const file = ownFiles.find(({ name }) => name === 'vault.key');
  file?.fill(folder);
  fs.truncateSync(join(folder, 'vault.key'), 20);
  const before = fs.readFileSync(join(folder, 'vault.json'));
  expect(outcomeOf(() => file?.read(folder), join(folder, 'vault.key'))).toBe('key-file-damaged');
  expect(fs.readFileSync(join(folder, 'vault.json'))).toEqual(before);
});

test('a core that was killed while the place of the key changed finds the vault where it is', () => {
  const access = () => new VaultAccess(new Vault(folder), new SettingsStore(folder), folder);
  access().choose('key-file', undefined);
  access().open().put('x', new Secret('word'));
  const before = fs.readFileSync(join(folder, 'settings.json'));
  access().choose('passphrase', new Secret('a long passphrase'));
  // The vault was sealed anew, the settings were not written yet.
  fs.writeFileSync(join(folder, 'settings.json'), before);
  const later = access();
  expect(later.view()).toEqual({ vault: 'passphrase', locked: true });
  later.unlock(new Secret('a long passphrase'));
  expect(later.open().get('x')?.reveal()).toBe('word');
  expect(new SettingsStore(folder).get().vault).toBe('passphrase');
});
