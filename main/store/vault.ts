import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { Secret } from '../log/secret.ts';
import { JsonFile } from './json-file.ts';
import { unreadable } from './private-file.ts';
import type { KeySource } from './vault-key.ts';

const sealedSchema = z.object({ iv: z.string(), tag: z.string(), data: z.string() });

/**
 * A salt for a passphrase, and a sealed word that tells a right key from a wrong one. The place of the key stands here too, so that it
 * changes in the same moment as the key.
 */
const headSchema = z.object({
  salt: z.string(),
  check: sealedSchema,
  place: z.enum(['keychain', 'key-file', 'passphrase']).optional(),
});
const checkWord = 'mirrorfleet';

/**
 * Seals secrets in one private file, each with AES-256-GCM and its own name as associated data, so that a sealed text cannot be moved to
 * another name. The key comes from a {@link KeySource}. Throws `vault-locked` before the first `open`.
 */
export class Vault {
  readonly #file: JsonFile<unknown>;
  #key: Buffer | undefined;

  constructor(folder: string) {
    this.#file = new JsonFile(folder, 'vault', z.unknown());
  }

  /** Opens with the source's key, creating it on first use. Throws `vault-key-wrong` for a key that does not fit what is sealed. */
  open(source: KeySource): void {
    const head = this.#head();
    if (head) {
      const key = keyOf(source, Buffer.from(head.salt, 'base64'), 'find');
      if (key === undefined || unseal(key, 'head', head.check) !== checkWord) {
        fail({
          code: 'vault-key-wrong',
          message: 'The vault does not open with this key; it was left as it is.',
          hint:
            source.kind === 'passphrase'
              ? 'Type the passphrase that was chosen when the vault was made.'
              : 'Bring back the original key, or remove the vault and type the secrets again.',
        });
      }
      this.#key = key;
      return;
    }
    const salt = randomBytes(16);
    const key = keyOf(source, salt, 'make');
    this.#file.set('head', headOf(key, salt, source));
    this.#key = key;
  }

  /** Where the key lives that everything is sealed with; undefined where nothing is, or a vault of before does not say. */
  get place(): z.infer<typeof headSchema>['place'] {
    return this.#head()?.place;
  }

  /** Whether anything was ever sealed: only then does another key mean sealing anew. */
  get isMade(): boolean {
    return this.#head() !== undefined;
  }

  /** Seals everything anew with another source's key, in one write: afterwards all of it opens with the new key, or none of it changed. */
  reseal(source: KeySource): void {
    const old = this.#openKey();
    const salt = randomBytes(16);
    const key = keyOf(source, salt, 'make');
    const next: Record<string, unknown> = { head: headOf(key, salt, source) };
    for (const [entry, sealed] of Object.entries(this.#file.read())) {
      if (!entry.startsWith('secret ')) continue;
      const name = entry.slice('secret '.length);
      const text = unseal(old, name, sealed);
      if (text !== undefined) next[entry] = seal(key, name, text);
    }
    this.#file.write(next);
    this.#key = key;
  }

  get isOpen(): boolean {
    return this.#key !== undefined;
  }

  /** The secret of that name, or undefined where none was put. */
  get(name: string): Secret | undefined {
    const key = this.#openKey();
    const sealed = this.#file.read()[`secret ${name}`];
    if (sealed === undefined) return undefined;
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
    this.#file.set(`secret ${name}`, seal(this.#openKey(), name, secret.reveal()));
  }

  remove(name: string): void {
    this.#file.delete(`secret ${name}`);
  }

  #head(): z.infer<typeof headSchema> | undefined {
    const head = headSchema.optional().safeParse(this.#file.read()['head']);
    return head.success ? head.data : unreadable(this.#file.path, z.prettifyError(head.error), head.error);
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

/** The key of a source; `make` makes one where none is kept. scrypt with N = 2^15, r = 8: about a tenth of a second and 32 MB for each guess. */
function keyOf(source: KeySource, salt: Buffer, ifNone: 'make'): Buffer;
function keyOf(source: KeySource, salt: Buffer, ifNone: 'find'): Buffer | undefined;
function keyOf(source: KeySource, salt: Buffer, ifNone: 'make' | 'find'): Buffer | undefined {
  if (source.kind === 'kept') return source.find() ?? (ifNone === 'make' ? source.make() : undefined);
  return scryptSync(source.passphrase.reveal(), salt, 32, { N: 2 ** 15, r: 8, maxmem: 2 ** 26 });
}

function headOf(key: Buffer, salt: Buffer, source: KeySource): z.infer<typeof headSchema> {
  const place = source.kind === 'kept' ? source.place : source.kind;
  return { salt: salt.toString('base64'), check: seal(key, 'head', checkWord), place };
}

function seal(key: Buffer, name: string, text: string): z.infer<typeof sealedSchema> {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

/** The text, or undefined for what this key did not seal under this name. */
function unseal(key: Buffer, name: string, value: unknown): string | undefined {
  try {
    const sealed = sealedSchema.parse(value);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'))
      .setAAD(Buffer.from(name))
      .setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
