import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../../main/log/secret.ts';
import { SettingsStore } from '../../../main/store/settings.ts';
import { Vault } from '../../../main/store/vault.ts';
import { VaultAccess } from '../../../main/store/vault-access.ts';
import { keyFile } from '../../../main/store/vault-key.ts';
import { problemCode } from '../problem-code.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a secret comes back after the vault was opened again with its key file', () => {
  const first = new Vault(folder);
  first.open(keyFile(join(folder, 'vault.key')));
  first.put('node/tokyo/sudoPassword', new Secret('correct horse'));
  const second = new Vault(folder);
  second.open(keyFile(join(folder, 'vault.key')));
  expect(second.get('node/tokyo/sudoPassword')?.reveal()).toBe('correct horse');
  expect(second.get('node/osaka/sudoPassword')).toBeUndefined();
});

test('no file of the vault holds a secret in the clear, and all are private', () => {
  const vault = new Vault(folder);
  vault.open({ kind: 'passphrase', passphrase: new Secret('a long passphrase') });
  vault.put('x', new Secret('correct horse'));
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    expect(readFileSync(path, 'utf8')).not.toContain('correct horse');
    expect(readFileSync(path, 'utf8')).not.toContain('a long passphrase');
    expect(statSync(path).mode & 0o077).toBe(0);
  }
});

test('a wrong passphrase is refused and changes nothing', () => {
  const vault = new Vault(folder);
  vault.open({ kind: 'passphrase', passphrase: new Secret('right passphrase') });
  vault.put('x', new Secret('word'));
  const before = readFileSync(join(folder, 'vault.json'));
  const again = new Vault(folder);
  expect(problemCode(() => again.open({ kind: 'passphrase', passphrase: new Secret('wrong passphrase') }))).toBe(
    'vault-key-wrong',
  );
  expect(again.isOpen).toBe(false);
  expect(readFileSync(join(folder, 'vault.json'))).toEqual(before);
});

test('a vault that is not open says so', () => {
  expect(problemCode(() => new Vault(folder).get('x'))).toBe('vault-locked');
});

test('a sealed text that was moved to another name is found damaged', () => {
  const vault = new Vault(folder);
  vault.open(keyFile(join(folder, 'vault.key')));
  vault.put('a', new Secret('one'));
  vault.put('b', new Secret('two'));
  const file = join(folder, 'vault.json');
  const store = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...store, 'secret a': store['secret b'] }));
  const again = new Vault(folder);
  again.open(keyFile(join(folder, 'vault.key')));
  expect(problemCode(() => again.get('a'))).toBe('vault-damaged');
  expect(again.get('b')?.reveal()).toBe('two');
});

test('a key file that others can read is not used', () => {
  const key = join(folder, 'vault.key');
  new Vault(folder).open(keyFile(key));
  chmodSync(key, 0o644);
  expect(problemCode(() => new Vault(folder).open(keyFile(key)))).toBe('key-file-exposed');
});

test('a secret prints, serialises and inspects as [redacted]', () => {
  const secret = new Secret('correct horse');
  expect(`${String(secret)} ${JSON.stringify({ secret })}`).toBe('[redacted] {"secret":"[redacted]"}');
});

test('sealing anew keeps every secret and shuts out the old key', () => {
  const vault = new Vault(folder);
  vault.open(keyFile(join(folder, 'vault.key')));
  vault.put('x', new Secret('word'));
  vault.reseal({ kind: 'passphrase', passphrase: new Secret('a long passphrase') });
  const again = new Vault(folder);
  expect(problemCode(() => again.open(keyFile(join(folder, 'vault.key'))))).toBe('vault-key-wrong');
  again.open({ kind: 'passphrase', passphrase: new Secret('a long passphrase') });
  expect(again.get('x')?.reveal()).toBe('word');
});

test('choosing another place for the key moves what is sealed', () => {
  const settings = new SettingsStore(folder);
  const access = new VaultAccess(new Vault(folder), settings, folder);
  access.choose('key-file', undefined);
  access.open().put('x', new Secret('word'));
  access.choose('passphrase', new Secret('a long passphrase'));
  const later = new VaultAccess(new Vault(folder), new SettingsStore(folder), folder);
  expect(problemCode(() => later.open())).toBe('vault-locked');
  expect(later.view()).toEqual({ vault: 'passphrase', locked: true });
  later.unlock(new Secret('a long passphrase'));
  expect(later.open().get('x')?.reveal()).toBe('word');
  expect(later.view()).toEqual({ vault: 'passphrase', locked: false });
});
