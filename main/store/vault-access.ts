import { join } from 'node:path';
import type { Settings, VaultView } from '../../preload/contract/settings.ts';
import { fail, ProblemError, problemOf } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import type { SettingsStore } from './settings.ts';
import type { Vault } from './vault.ts';
import { type KeySource, keychainKey, keyFile } from './vault-key.ts';

type Choice = Exclude<Settings['vault'], 'undecided'>;

/** Opens the vault where the settings say its key lives, and changes that place. */
export class VaultAccess {
  readonly #vault: Vault;
  readonly #settings: SettingsStore;
  readonly #folder: string;
  readonly #keychain: () => KeySource;

  constructor(
    vault: Vault,
    settings: SettingsStore,
    folder: string,
    keychain: () => KeySource = () => keychainKey('vault'),
  ) {
    this.#vault = vault;
    this.#settings = settings;
    this.#folder = folder;
    this.#keychain = keychain;
    this.#followVault();
  }

  /**
   * The open vault. An undecided one tries the keychain; where none answers the person has to choose (`vault-undecided`), and a
   * passphrase has to be given first (`vault-locked`).
   */
  open(): Vault {
    if (this.#vault.isOpen) return this.#vault;
    const place = this.#place();
    switch (place) {
      case 'keychain':
      case 'key-file':
        this.#vault.open(this.#source(place));
        return this.#vault;
      case 'passphrase':
        return fail({
          code: 'vault-locked',
          message: 'The vault waits for its passphrase; no secret was read.',
          hint: 'Type it once for the running core: mirrorfleet settings unlock',
        });
      case 'undecided':
        break;
    }
    try {
      this.#vault.open(this.#source('keychain'));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'keychain-unavailable') throw error;
      fail({
        code: 'vault-undecided',
        message: 'Secrets need a place for their key, and no keychain of this system answered; nothing was kept.',
        hint: 'Choose one: mirrorfleet settings vault passphrase (asked at each start), or mirrorfleet settings vault key-file (a file only you can read).',
        detail: problemOf(error).detail ?? {},
      });
    }
    this.#settings.update({ vault: 'keychain' });
    return this.#vault;
  }

  /** Where the key lives, and whether the passphrase is still awaited. Opens nothing. */
  view(): VaultView {
    const vault = this.#place();
    return { vault, locked: vault === 'passphrase' && !this.#vault.isOpen };
  }

  /** Opens a passphrase vault for this run of the core. */
  unlock(passphrase: Secret): void {
    this.#vault.open({ kind: 'passphrase', passphrase });
  }

  /** Moves the key to another place; what is sealed already is sealed anew. */
  choose(choice: Choice, passphrase: Secret | undefined): Settings {
    const source = this.#source(choice, passphrase);
    if (this.#vault.isMade && this.#place() !== 'undecided') this.open().reseal(source);
    else this.#vault.open(source);
    return this.#settings.update({ vault: choice });
  }

  /** A core that was killed while the place changed has changed the vault, and not yet the settings: what the vault says is true. */
  #followVault(): void {
    try {
      const { place } = this.#vault;
      if (place !== undefined && place !== this.#settings.get().vault) this.#settings.update({ vault: place });
    } catch (error) {
      // Whoever needs the vault or the settings is told why.
      if (!(error instanceof ProblemError)) throw error;
    }
  }

  #place(): Settings['vault'] {
    return this.#vault.place ?? this.#settings.get().vault;
  }

  #source(choice: Choice, passphrase?: Secret): KeySource {
    if (choice === 'keychain') return this.#keychain();
    if (choice === 'key-file') return keyFile(join(this.#folder, 'vault.key'));
    return {
      kind: 'passphrase',
      passphrase:
        passphrase ??
        fail({
          code: 'passphrase-needed',
          message: 'A passphrase was not given; the vault was not changed.',
          hint: 'Give one.',
        }),
    };
  }
}
