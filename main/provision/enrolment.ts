import type { NodeSecrets } from '../../preload/contract/contract.ts';
import type { NodeRequest, NodeSpec } from '../../preload/contract/node.ts';
import { fail, problemOf } from '../../preload/contract/problem.ts';
import type { Connections, NodeAccess } from '../hosts/connections.ts';
import { resolveSshTarget } from '../hosts/ssh-config.ts';
import { lookAtHostKey } from '../hosts/ssh-host.ts';
import type { Log } from '../log/log.ts';
import { Secret } from '../log/secret.ts';
import type { NodeStore } from '../store/nodes.ts';
import type { VaultAccess } from '../store/vault-access.ts';

/** A secret that was tried and refused is not kept: the next attempt asks for it as if for the first time. */
const refusedSecrets: Readonly<Record<string, keyof NodeSecrets>> = {
  'ssh-password-wrong': 'password',
  'ssh-passphrase-wrong': 'passphrase',
};

const secretNames = ['password', 'passphrase', 'sudoPassword'] as const;

/** How a server joins the fleet: its host key is looked at, confirmed and pinned, its secrets go to the vault, its spec is remembered. */
export class Enrolment {
  readonly #nodes: NodeStore;
  readonly #vault: VaultAccess;
  readonly #log: Log;
  /** Attached after construction: connections need {@link access}, enrolment needs to try and drop them. */
  #connections: Connections | undefined;

  constructor(nodes: NodeStore, vault: VaultAccess, log: Log) {
    this.#nodes = nodes;
    this.#vault = vault;
    this.#log = log;
  }

  attach(connections: Connections): void {
    this.#connections = connections;
  }

  /** What a connection to the node is made from. Looked up anew for each connection. */
  access(name: string): NodeAccess {
    const { spec, hostKeys } = this.#nodes.get(name);
    const secret = (which: (typeof secretNames)[number]): Secret | undefined =>
      this.#vault.open().get(`node/${name}/${which}`);
    return {
      spec,
      secrets: { password: secret('password'), passphrase: secret('passphrase'), sudoPassword: secret('sudoPassword') },
      hostKeys: { pinned: (host) => hostKeys[host] ?? [] },
    };
  }

  /**
   * Adds a node, or updates one that is there, and proves that it can be logged in to. Where the login fails, what was there before
   * is put back; secrets that were not refused stay for the next attempt. Problems: `host-key-unknown`, `host-key-changed`, those of connecting.
   */
  async add(request: NodeRequest, acceptHostKey: string | undefined, secrets: NodeSecrets): Promise<NodeSpec> {
    const before = this.#nodes.find(request.name);
    const spec: NodeSpec = {
      ...request,
      address: request.address ?? (await resolveSshTarget(request.target)).hostname,
    };
    this.#vault.open();
    const hostKeys = { ...before?.hostKeys };
    const accepted = acceptHostKey?.split(',') ?? [];
    // Jump hosts come first: each key that is accepted opens the way to the next.
    for (const [index] of accepted.entries()) {
      const shown = await lookAtHostKey(spec.target, {
        secrets: {},
        hostKeys: { pinned: (host) => hostKeys[host] ?? [] },
        log: this.#log,
      });
      if (shown.known) break;
      if (!accepted.includes(shown.fingerprint)) {
        // Connecting asks for the next key on the way.
        if (index > 0) break;
        fail({
          code: 'host-key-differs',
          message: `${shown.host} shows ${shown.fingerprint}, not the key that was accepted (${acceptHostKey}). Nothing was added.`,
          hint: 'Compare again with what the server itself says; if it still differs, someone may be in between.',
          detail: { host: shown.host, type: shown.type, fingerprint: shown.fingerprint },
        });
      }
      hostKeys[shown.host] = [...new Set([...(hostKeys[shown.host] ?? []), shown.fingerprint])];
    }
    this.#nodes.put({ ...before, spec, hostKeys });
    try {
      await this.#keep(request.name, secrets);
      await this.#open().host(request.name);
    } catch (error) {
      await this.#open().drop(request.name);
      const refused = refusedSecrets[problemOf(error).code];
      if (refused) this.#vault.open().remove(`node/${request.name}/${refused}`);
      if (before) this.#nodes.put(before);
      else this.#nodes.remove(request.name);
      throw error;
    }
    return spec;
  }

  /** Gives a node's secrets to the vault; its connection is made anew with them. */
  async unlock(name: string, secrets: NodeSecrets): Promise<void> {
    await this.#keep(name, secrets);
  }

  /** Takes a removed node's secrets out of the vault. */
  forget(name: string): void {
    for (const which of secretNames) this.#vault.open().remove(`node/${name}/${which}`);
  }

  /** Seals what was given; the connection is let go so that the next one is made with it. */
  async #keep(name: string, secrets: NodeSecrets): Promise<void> {
    const vault = this.#vault.open();
    for (const which of secretNames) {
      const text = secrets[which];
      if (text !== undefined && text !== '') vault.put(`node/${name}/${which}`, new Secret(text));
    }
    await this.#open().drop(name);
  }

  #open(): Connections {
    if (!this.#connections) throw new Error('enrolment was used before its connections were attached');
    return this.#connections;
  }
}
