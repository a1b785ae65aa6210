import { expect, test } from 'vitest';
import { vaultNeed } from '../../../renderer/vault/vault-need.ts';

test.each([
  ['vault-locked', 'unlock'],
  ['vault-undecided', 'choose'],
  ['keychain-unavailable', 'choose'],
  // A passphrase that was wrong is said where it was typed.
  ['vault-key-wrong', undefined],
  ['host-unreachable', undefined],
])('what failed with %s needs: %s', (code, need) => {
  expect(vaultNeed({ code })).toBe(need);
});
