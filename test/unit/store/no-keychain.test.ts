import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeStore } from '../../../main/store/nodes.ts';
import { SettingsStore } from '../../../main/store/settings.ts';
import { Vault } from '../../../main/store/vault.ts';
import { VaultAccess } from '../../../main/store/vault-access.ts';
import { type KeychainEntry, keychainKey } from '../../../main/store/vault-key.ts';
import { problemCode } from '../problem-code.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keychain-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const silent = (): KeychainEntry => {
  throw new Error("Couldn't access platform storage");
};
const access = (entryOf: (account: string) => KeychainEntry = silent) => {
  const keychain = () => keychainKey('vault', entryOf);
  return new VaultAccess(new Vault(folder), new SettingsStore(folder), folder, keychain);
};

test('where no keychain answers, the person has to choose, and nothing was kept', () => {
  expect(problemCode(() => access().open())).toBe('vault-undecided');
  expect(readdirSync(folder).filter((name) => name.startsWith('vault'))).toEqual([]);
});

test('a chosen keychain that does not answer is told, and nothing was sealed', () => {
  expect(problemCode(() => access().choose('keychain', undefined))).toBe('keychain-unavailable');
  expect(access().view()).toEqual({ vault: 'undecided', locked: false });
});

test('a vault that is to open by a passphrase is not changed without one', () => {
  expect(problemCode(() => access().choose('passphrase', undefined))).toBe('passphrase-needed');
  expect(access().view()).toEqual({ vault: 'undecided', locked: false });
});

test('a keychain that answers gets one key, which opens the vault again', () => {
  let kept: string | null = null;
  const entry: KeychainEntry = { getPassword: () => kept, setPassword: (text) => void (kept = text) };
  expect(access(() => entry).open().isOpen).toBe(true);
  const made = kept;
  expect(access(() => entry).open().isOpen).toBe(true);
  expect(kept).toBe(made);
});

test('one entry of a keychain answers both questions: a second one may be of another keychain', () => {
  let entries = 0;
  const entryOf = (): KeychainEntry => {
    entries += 1;
    return { getPassword: () => null, setPassword: () => undefined };
  };
  access(entryOf).open();
  expect(entries).toBe(1);
});

test('an upstream that a node does not mirror is told with those it does', () => {
  const store = new NodeStore(folder);
  const target = { destination: 'ops@192.0.2.7' };
  const spec = { name: 'tokyo', kind: 'ssh', target, upstreams: ['docker.io'], address: 'a', port: 443 } as const;
  store.put({ spec: { ...spec, upstreams: [...spec.upstreams] }, hostKeys: {} });
  expect(problemCode(() => store.mirroring('tokyo', 'ghcr.io'))).toBe('mirror-unknown');
});
