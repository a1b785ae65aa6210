import type { Connections } from '../hosts/connections.ts';
import type { Host } from '../hosts/host.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import type { NodeStore } from '../store/nodes.ts';
import { addPins, readPins, removePins } from './pin-file.ts';

export interface CachesOptions {
  readonly nodes: Pick<NodeStore, 'get'>;
  readonly connections: Pick<Connections, 'host'>;
}

/** The caches of the fleet by their nodes' names: what belongs to a call is looked up here and handed to the parts beside it. */
export class Caches {
  readonly #options: CachesOptions;

  constructor(options: CachesOptions) {
    this.#options = options;
  }

  async pins(node: string): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return readPins(host, spec);
  }

  async pin(node: string, pins: readonly string[]): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return addPins(host, spec, pins);
  }

  async unpin(node: string, pins: readonly string[]): Promise<string[]> {
    const { host, spec } = await this.#place(node);
    return removePins(host, spec, pins);
  }

  async #place(node: string): Promise<{ host: Host; spec: NodeSpec }> {
    const { spec } = this.#options.nodes.get(node);
    return { spec, host: await this.#options.connections.host(node) };
  }
}
