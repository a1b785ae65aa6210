import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Entry } from '@napi-rs/keyring';
import { fail } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';

/** Where the vault's key comes from: kept by something (keychain, file), or made from a passphrase each time. */
export type KeySource =
  | { readonly kind: 'kept'; key(): Buffer }
  | { readonly kind: 'passphrase'; readonly passphrase: Secret };

/** One secret of a keychain. */
export type KeychainEntry = Pick<Entry, 'getPassword' | 'setPassword'>;

/**
 * The key in the operating system's keychain (Secret Service, Keychain, Credential Manager), made on first use. Throws
 * `keychain-unavailable` where none answers: without a session bus the library says "Couldn't access platform storage".
 */
export function keychainKey(
  account: string,
  entryOf: (account: string) => KeychainEntry = (name) => new Entry('mirrorfleet', name),
): KeySource {
  return {
    kind: 'kept',
    key() {
      try {
        const entry = entryOf(account);
        const found = entry.getPassword();
        if (found !== null) return Buffer.from(found, 'base64');
        const made = randomBytes(32);
        entry.setPassword(made.toString('base64'));
        return made;
      } catch (error) {
        return fail(
          {
            code: 'keychain-unavailable',
            message: 'No keychain of this system answered; nothing was sealed.',
            hint: 'Unlock the keychain, or choose another place for the key: mirrorfleet settings vault passphrase|key-file',
            detail: { reason: error instanceof Error ? error.message : String(error) },
          },
          { cause: error },
        );
      }
    },
  };
}

/** The key in a file that only its owner may read (0600), made on first use. Anyone who can read that file can open the vault: the weakest choice, said in every status. */
export function keyFile(path: string): KeySource {
  return {
    kind: 'kept',
    key() {
      try {
        const file = statSync(path);
        if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) {
          fail({
            code: 'key-file-exposed',
            message: `The vault's key file ${path} can be read by others; it was not used.`,
            hint: `Close it: chmod 600 ${path}. If someone may have read it, change the secrets it protects.`,
          });
        }
        return Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      }
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const made = randomBytes(32);
      const handle = openSync(path, 'wx', 0o600);
      writeSync(handle, `${made.toString('base64')}\n`);
      fsyncSync(handle);
      closeSync(handle);
      return made;
    },
  };
}
