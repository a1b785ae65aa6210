import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import type Conf from 'conf';
import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { Secret } from '../log/secret.ts';
import { openConf } from './settings.ts';
import type { KeySource } from './vault-key.ts';

const sealedSchema = z.object({ iv: z.string(), tag: z.string(), data: z.string() });

/** A salt for a passphrase, and a sealed word that tells a right key from a wrong one. */
const headSchema = z.object({ salt: z.string(), check: sealedSchema });
const checkWord = 'mirrorfleet';

/**
 * Seals secrets in one private file, each with AES-256-GCM and its own name as associated data, so that a sealed text cannot be moved to
 * another name. The key comes from a {@link KeySource}. Throws `vault-locked` before the first `open`.
 */
export class Vault {
  readonly #conf: Conf<Record<string, unknown>>;
  #key: Buffer | undefined;

  constructor(folder: string) {
    this.#conf = openConf(folder, 'vault');
  }

  /** Opens with the source's key, creating it on first use. Throws `vault-key-wrong` for a key that does not fit what is sealed. */
  open(source: KeySource): void {
    const head = headSchema.optional().parse(this.#conf.store['head']);
    const salt = head ? Buffer.from(head.salt, 'base64') : randomBytes(16);
    const key = keyOf(source, salt);
    if (head) {
      const word = unseal(key, 'head', head.check);
      if (word !== checkWord) {
        fail({
          code: 'vault-key-wrong',
          message: 'The vault does not open with this key; it was left as it is.',
          hint:
            source.kind === 'passphrase'
              ? 'Type the passphrase that was chosen when the vault was made.'
              : 'Bring back the original key, or remove the vault and type the secrets again.',
        });
      }
    } else {
      this.#conf.set('head', { salt: salt.toString('base64'), check: seal(key, 'head', checkWord) });
    }
    this.#key = key;
  }

  /** Whether anything was ever sealed: only then does another key mean sealing anew. */
  get isMade(): boolean {
    return this.#conf.store['head'] !== undefined;
  }

  /** Seals everything anew with another source's key, in one write: afterwards all of it opens with the new key, or none of it changed. */
  reseal(source: KeySource): void {
    const old = this.#openKey();
    const salt = randomBytes(16);
    const key = keyOf(source, salt);
    const next: Record<string, unknown> = {
      head: { salt: salt.toString('base64'), check: seal(key, 'head', checkWord) },
    };
    for (const [entry, sealed] of Object.entries(this.#conf.store)) {
      if (!entry.startsWith('secret ')) continue;
      const name = entry.slice('secret '.length);
      const text = unseal(old, name, sealedSchema.parse(sealed));
      if (text !== undefined) next[entry] = seal(key, name, text);
    }
    this.#conf.store = next;
    this.#key = key;
  }

  get isOpen(): boolean {
    return this.#key !== undefined;
  }

  /** The secret of that name, or undefined where none was put. */
  get(name: string): Secret | undefined {
    const key = this.#openKey();
    const sealed = sealedSchema.optional().parse(this.#conf.store[`secret ${name}`]);
    if (!sealed) return undefined;
    const text = unseal(key, name, sealed);
    if (text === undefined) {
      fail({
        code: 'vault-damaged',
        message: `The secret "${name}" in the vault is damaged and was not used.`,
        hint: 'Type it again; it will be sealed anew.',
      });
    }
    return new Secret(text);
  }

  put(name: string, secret: Secret): void {
    this.#conf.set(`secret ${name}`, seal(this.#openKey(), name, secret.reveal()));
  }

  remove(name: string): void {
    this.#conf.delete(`secret ${name}`);
  }

  #openKey(): Buffer {
    return (
      this.#key ??
      fail({
        code: 'vault-locked',
        message: 'The vault is locked, so no secret can be read or kept.',
        hint: 'Open it with its passphrase, or choose where its key lives: mirrorfleet settings vault keychain|passphrase|key-file',
      })
    );
  }
}

/** scrypt with N = 2^15, r = 8: about a tenth of a second and 32 MB for each guess. */
function keyOf(source: KeySource, salt: Buffer): Buffer {
  return source.kind === 'kept'
    ? source.key()
    : scryptSync(source.passphrase.reveal(), salt, 32, { N: 2 ** 15, r: 8, maxmem: 2 ** 26 });
}

function seal(key: Buffer, name: string, text: string): z.infer<typeof sealedSchema> {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

function unseal(key: Buffer, name: string, sealed: z.infer<typeof sealedSchema>): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'))
      .setAAD(Buffer.from(name))
      .setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
