import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../log/secret.ts';
import type { Authority, IssuedCertificate } from './authority.ts';
import { certificateDays, fingerprint, holderOf, serialNumber } from './certificate-facts.ts';

/** Where certificates with their keys are kept: the vault, handed over. */
export interface SecretShelf {
  get(name: string): Secret | undefined;
  put(name: string, secret: Secret): void;
  remove(name: string): void;
}

/** Loaded only when something is issued: the X.509 library takes 60 ms, and almost every command needs only what is kept. */
const issuing = () => import('./authority.ts');

type KeptCertificate = IssuedCertificate & { readonly names: readonly string[] };
const keptSchema = z.object({ certificate: z.string(), key: z.string(), names: z.array(z.string()).default([]) });

/** A server certificate is issued for so many days, and anew once fewer than `renewDays` are left. */
const serverDays = 397;
const renewDays = 60;

/**
 * Who we are: the private CA (made on first use), this computer's client certificate, and one server certificate for each node. All stay
 * the same between calls, so that planning twice plans nothing.
 */
export class Identities {
  readonly #shelf: SecretShelf;
  readonly #computer: string;
  readonly #now: () => Date;
  /** One at a time: two first uses at once must not make two CAs. */
  #queue: Promise<unknown> = Promise.resolve();
  /** What was read last under each name, with what it was read from: every round of every node asks for it. */
  readonly #read = new Map<string, { readonly from: Secret; readonly kept: KeptCertificate }>();

  /** `computer` names the client certificate, for example `dev@laptop`. */
  constructor(shelf: SecretShelf, computer: string, now: () => Date = () => new Date()) {
    this.#shelf = shelf;
    this.#computer = computer;
    this.#now = now;
  }

  /** The CA's certificate in PEM: what clients trust and edges admit clients by. */
  async authorityCertificate(): Promise<string> {
    return (await this.#inTurn(() => this.#authority())).certificate;
  }

  client(): Promise<IssuedCertificate> {
    return this.#inTurn(async () => {
      const kept = this.#kept('certificates/client');
      if (kept) return kept;
      const { issueClient } = await issuing();
      const issued = await issueClient(await this.#authority(), { name: this.#computer }, this.#now());
      this.#keep('certificates/client', issued, []);
      return issued;
    });
  }

  /** Whom we gave a client certificate, and until when: those may pull. Makes none. */
  holders(): { readonly name: string; readonly notAfter: number }[] {
    const kept = this.#kept('certificates/client');
    return kept ? [holderOf(kept.certificate)] : [];
  }

  /** All that proves this computer to an edge and the edge to this computer. */
  async identity(): Promise<{ readonly ca: string; readonly certificate: string; readonly key: Secret }> {
    const { certificate, key } = await this.client();
    return { ca: await this.authorityCertificate(), certificate, key };
  }

  /** The certificate of a node's edge for these names; a new one when the names changed or it ends within 60 days. */
  server(node: string, names: readonly string[]): Promise<IssuedCertificate> {
    return this.#inTurn(async () => {
      const kept = this.#kept(`certificates/server/${node}`);
      if (kept && kept.names.join() === names.join() && certificateDays(kept.certificate, this.#now()) >= renewDays)
        return kept;
      const { issueServer } = await issuing();
      const issued = await issueServer(await this.#authority(), { names, days: serverDays }, this.#now());
      this.#keep(`certificates/server/${node}`, issued, names);
      return issued;
    });
  }

  /** The CA's revocation list: made once, so that the file on every node stays the same until someone is revoked. */
  revocationList(): Promise<string> {
    return this.#inTurn(async () => {
      const kept = this.#shelf.get('certificates/revocations');
      if (kept) return kept.reveal();
      const { createRevocationList } = await issuing();
      const list = await createRevocationList(await this.#authority(), [], this.#now());
      this.#shelf.put('certificates/revocations', new Secret(list));
      return list;
    });
  }

  /** What a node's metrics port is asked with: 32 random bytes in base64url, made once. */
  metricsToken(node: string): Promise<Secret> {
    return this.#inTurn(async () => {
      const kept = this.#shelf.get(`metrics/${node}`);
      if (kept) return kept;
      const made = new Secret(randomBytes(32).toString('base64url'));
      this.#shelf.put(`metrics/${node}`, made);
      return made;
    });
  }

  forgetServer(node: string): void {
    this.#read.delete(`certificates/server/${node}`);
    this.#shelf.remove(`certificates/server/${node}`);
    this.#shelf.remove(`metrics/${node}`);
  }

  async #authority(): Promise<Authority> {
    const kept = this.#kept('certificates/authority');
    if (kept) return kept;
    const { createAuthority } = await issuing();
    const made = await createAuthority(this.#now());
    this.#keep('certificates/authority', made, []);
    return made;
  }

  #kept(name: string): KeptCertificate | undefined {
    const from = this.#shelf.get(name);
    if (from === undefined) return undefined;
    const read = this.#read.get(name);
    if (read?.from.reveal() === from.reveal()) return read.kept;
    const { certificate, key, names } = keptSchema.parse(JSON.parse(from.reveal()));
    const kept = {
      certificate,
      chain: certificate,
      key: new Secret(key),
      serial: serialNumber(certificate),
      fingerprint: fingerprint(certificate),
      names,
    };
    this.#read.set(name, { from, kept });
    return kept;
  }

  #keep(name: string, made: Authority, names: readonly string[]): void {
    this.#shelf.put(name, new Secret(JSON.stringify({ certificate: made.certificate, key: made.key.reveal(), names })));
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(body, body);
    this.#queue = next.catch(() => {});
    return next;
  }
}
