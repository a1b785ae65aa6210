import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Log } from '../log/log.ts';
import type { Host } from './host.ts';
import type { HostKeyStore } from './host-keys.ts';
import type { HostSecrets } from './ssh-identities.ts';
import type { SshRoute } from './ssh-connection.ts';
import { connectSsh } from './ssh-host.ts';

/** What a connection to a node is made from, looked up when it is first needed. */
export interface NodeAccess {
  readonly spec: Pick<NodeSpec, 'name' | 'target'>;
  readonly secrets: HostSecrets;
  readonly hostKeys: HostKeyStore;
}

/** Opens a machine; throws what {@link connectSsh} throws. */
export type ConnectHost = (route: SshRoute) => Promise<Host>;

/** One open host for each node, shared by everything that talks to it: a second plan, a probe and a prune cost no second login. */
export class Connections {
  readonly #open = new Map<string, Promise<Host>>();
  readonly #access: (node: string) => NodeAccess;
  readonly #log: Log;
  readonly #connect: ConnectHost;

  constructor(access: (node: string) => NodeAccess, log: Log, connect: ConnectHost = connectSsh) {
    this.#access = access;
    this.#log = log;
    this.#connect = connect;
  }

  /** The node's host, connected on first use. Throws what connecting throws; the next call tries again. */
  host(node: string): Promise<Host> {
    const open = this.#open.get(node);
    if (open) return open;
    const { spec, secrets, hostKeys } = this.#access(node);
    const made = this.#connect({ name: spec.name, target: spec.target, secrets, hostKeys, log: this.#log });
    this.#open.set(node, made);
    made.catch(() => {
      // Another one may have been begun meanwhile, after a drop; that one stays.
      if (this.#open.get(node) === made) this.#open.delete(node);
    });
    return made;
  }

  /** Lets a node's connection go, because its secrets or its target changed or it was removed. */
  async drop(node: string): Promise<void> {
    const open = this.#open.get(node);
    this.#open.delete(node);
    await open?.then((host) => host.close()).catch(() => {});
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((node) => this.drop(node)));
  }
}
