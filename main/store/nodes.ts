import type Conf from 'conf';
import { z } from 'zod';
import { nodeSpecSchema } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import { openConf } from './settings.ts';

/** What is remembered of a node: what it should be, the host keys a person confirmed, and whether it was ever applied. */
const nodeRecordSchema = z.object({
  spec: nodeSpecSchema,
  /** `SHA256:…` by host (as ssh names it, `[host]:port` where the port is not 22). */
  hostKeys: z.record(z.string(), z.array(z.string())),
  appliedAt: z.number().optional(),
  /** The images that its last apply left running, pinned by digest where a registry vouched for them. */
  images: z.object({ registry: z.string(), envoy: z.string() }).optional(),
});
export type NodeRecord = z.infer<typeof nodeRecordSchema>;

/** The nodes of the fleet, in one private file. */
export class NodeStore {
  readonly #conf: Conf<Record<string, unknown>>;

  constructor(folder: string) {
    this.#conf = openConf(folder, 'nodes');
  }

  get file(): string {
    return this.#conf.path;
  }

  list(): readonly NodeRecord[] {
    return Object.values(this.#conf.store).map((each) => nodeRecordSchema.parse(each));
  }

  find(name: string): NodeRecord | undefined {
    const found = this.#conf.store[name];
    return found === undefined ? undefined : nodeRecordSchema.parse(found);
  }

  /** The node of that name; throws `node-unknown`, naming the ones there are. */
  get(name: string): NodeRecord {
    const names = Object.keys(this.#conf.store);
    return (
      this.find(name) ??
      fail({
        code: 'node-unknown',
        message: `There is no node called ${name}.`,
        hint:
          names.length > 0 ? `Nodes are: ${names.join(', ')}.` : 'Add one with: mirrorfleet node add tokyo user@host',
      })
    );
  }

  /** {@link get} of a node that mirrors this upstream, where one is named; throws `mirror-unknown` too. */
  mirroring(name: string, upstream: string | undefined): NodeRecord {
    const record = this.get(name);
    const { upstreams } = record.spec;
    if (upstream === undefined || upstreams.includes(upstream)) return record;
    return fail({
      code: 'mirror-unknown',
      message: `${name} has no mirror of ${upstream}.`,
      hint: `It mirrors ${upstreams.join(', ')}.`,
    });
  }

  put(record: NodeRecord): void {
    this.#conf.set(record.spec.name, nodeRecordSchema.parse(record));
  }

  remove(name: string): void {
    this.#conf.delete(name);
  }
}
