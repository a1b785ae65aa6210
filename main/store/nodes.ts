import { z } from 'zod';
import { nodeSpecSchema } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import { JsonFile } from './json-file.ts';

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
  readonly #file: JsonFile<NodeRecord>;

  constructor(folder: string) {
    this.#file = new JsonFile(folder, 'nodes', nodeRecordSchema);
  }

  get file(): string {
    return this.#file.path;
  }

  list(): readonly NodeRecord[] {
    return Object.values(this.#file.read());
  }

  find(name: string): NodeRecord | undefined {
    return this.#file.read()[name];
  }

  /** The node of that name; throws `node-unknown`, naming the ones there are. */
  get(name: string): NodeRecord {
    const names = Object.keys(this.#file.read());
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
    this.#file.set(record.spec.name, nodeRecordSchema.parse(record));
  }

  remove(name: string): void {
    this.#file.delete(name);
  }
}
