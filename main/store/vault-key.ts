import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { Entry } from '@napi-rs/keyring';
import { fail } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import { readPrivateFile, replacePrivateFile } from './private-file.ts';

/** Bytes of a key for AES-256. */
const keyBytes = 32;

/**
 * Where the vault's key comes from: kept by something (keychain, file), or made from a passphrase each time. `find` answers undefined where
 * no key is kept yet; only `make` makes one, so that a vault whose key is gone is not given another.
 */
export type KeySource =
  | { readonly kind: 'kept'; readonly place: 'keychain' | 'key-file'; find(): Buffer | undefined; make(): Buffer }
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
  // One for both questions: where no Secret Service runs, a second one may find a keyring of the kernel's that is gone after a restart.
  let entry: KeychainEntry | undefined;
  const asked = <T>(question: (entry: KeychainEntry) => T): T => {
    try {
      entry ??= entryOf(account);
      return question(entry);
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
  };
  return {
    kind: 'kept',
    place: 'keychain',
    find() {
      const found = asked((entry) => entry.getPassword());
      return found === null ? undefined : Buffer.from(found, 'base64');
    },
    make() {
      const made = randomBytes(keyBytes);
      asked((entry) => entry.setPassword(made.toString('base64')));
      return made;
    },
  };
}

/**
 * The key in a file that only its owner may read (0600), made on first use. Anyone who can read that file can open the vault: the weakest
 * choice, said in every status. Throws `key-file-exposed`, `key-file-damaged`.
 */
export function keyFile(path: string): KeySource {
  return {
    kind: 'kept',
    place: 'key-file',
    find() {
      const text = readPrivateFile(path);
      if (text === undefined) return undefined;
      if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
        fail({
          code: 'key-file-exposed',
          message: `The vault's key file ${path} can be read by others; it was not used.`,
          hint: `Close it: chmod 600 ${path}. If someone may have read it, change the secrets it protects.`,
        });
      }
      const key = Buffer.from(text, 'base64');
      if (key.length === keyBytes) return key;
      return fail({
        code: 'key-file-damaged',
        message: `The vault's key file ${path} does not hold a whole key; it was left as it is.`,
        hint: 'Bring the file back from a backup. Without one, move it and vault.json beside it away and type the secrets again.',
      });
    },
    make() {
      const made = randomBytes(keyBytes);
      replacePrivateFile(path, `${made.toString('base64')}\n`);
      return made;
    },
  };
}
