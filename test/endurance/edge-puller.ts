import { createHash } from 'node:crypto';
import { Agent, get } from 'node:https';
import { z } from 'zod';
import { manifestTypes } from '../../main/hosts/manifest-types.ts';
import type { Machine } from '../lab/lab.ts';

const manifestSchema = z.object({
  manifests: z.array(z.object({ digest: z.string() })).optional(),
  config: z.object({ digest: z.string() }).optional(),
  layers: z.array(z.object({ digest: z.string() })).optional(),
});
const accept = manifestTypes.join(', ');

/** Pulls from a node as an engine does, with the certificates that the laptop's Docker was given, and believes no digest that it did not count. */
export class EdgePuller {
  readonly #host: string;
  readonly #agent: Agent;

  private constructor(host: string, agent: Agent) {
    this.#host = host;
    this.#agent = agent;
  }

  static async of(laptop: Machine, host: string): Promise<EdgePuller> {
    const file = (name: string): Promise<string> => laptop.readFile(`/etc/docker/certs.d/${host}/${name}`);
    const [ca, cert, key] = await Promise.all([file('ca.crt'), file('client.cert'), file('client.key')]);
    return new EdgePuller(host, new Agent({ ca, cert, key, keepAlive: false, maxSockets: 4 }));
  }

  /** The digest of what a tag names, after all of it came as its digests say; undefined where the node does not know the tag. Anything else throws. */
  async pull(image: string): Promise<string | undefined> {
    const at = image.lastIndexOf(':');
    const [repository, tag] = [image.slice(0, at), image.slice(at + 1)];
    const { status, body } = await this.#ask(`${repository}/manifests/${tag}`);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${image}: ${status} ${body.toString()}`);
    await this.#contents(repository, body);
    return digestOf(body);
  }

  async #contents(repository: string, bytes: Buffer): Promise<void> {
    const { manifests, config, layers = [] } = manifestSchema.parse(JSON.parse(bytes.toString()));
    const child = manifests?.[0]?.digest;
    if (child !== undefined) return this.#contents(repository, await this.#must(`${repository}/manifests/${child}`));
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
      await this.#must(`${repository}/blobs/${digest}`);
  }

  async #must(path: string): Promise<Buffer> {
    const { status, body } = await this.#ask(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body.toString().slice(0, 200)}`);
    if (digestOf(body) !== path.split('/').at(-1)) throw new Error(`${path}: other bytes`);
    return body;
  }

  #ask(path: string): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        host: this.#host,
        path: `/v2/${path}`,
        headers: { accept },
        timeout: 30_000,
      };
      const request = get(options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      request.on('timeout', () => request.destroy(new Error(`${path}: no answer in 30 s`)));
      request.on('error', reject);
    });
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
