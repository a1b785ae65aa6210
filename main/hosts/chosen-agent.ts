import { readFile } from 'node:fs/promises';
import ssh2, {
  type BaseAgent,
  type IdentityCallback,
  type KnownPublicKeys,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

type Listed = KnownPublicKeys[number];

/**
 * The person's agent, offering only the keys whose public halves lie beside the given key files: what `IdentitiesOnly yes` means to
 * ssh. A server counts every key offered and hangs up after a few.
 */
export async function chosenAgent(socket: string, identityFiles: readonly string[]): Promise<BaseAgent> {
  const halves = await Promise.all(identityFiles.map((file) => readFile(`${file}.pub`, 'utf8').catch(() => '')));
  const wanted = new Set(halves.map((line) => line.split(' ')[1]).filter((key) => key !== undefined));
  const agent = ssh2.createAgent(socket);
  return new ChosenAgent(agent, wanted);
}

class ChosenAgent extends ssh2.BaseAgent {
  readonly #agent: BaseAgent;
  readonly #wanted: ReadonlySet<string>;

  constructor(agent: BaseAgent, wanted: ReadonlySet<string>) {
    super();
    this.#agent = agent;
    this.#wanted = wanted;
  }

  override getIdentities(callback: IdentityCallback): void {
    this.#agent.getIdentities((error, keys) => {
      if (error) return callback(error);
      callback(
        undefined,
        (keys ?? []).filter((key) => this.#wanted.has(publicHalf(key))),
      );
    });
  }

  override sign(
    key: string | Buffer | ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}

/** The base64 of a key as an agent lists it, the form of the second word of a .pub file. */
function publicHalf(key: Listed): string {
  const entry = typeof key === 'object' && 'pubKey' in key ? key.pubKey : key;
  const data = typeof entry === 'object' && 'pubKey' in entry ? entry.pubKey : entry;
  const parsed = ssh2.utils.parseKey(data);
  return parsed instanceof Error ? '' : parsed.getPublicSSH().toString('base64');
}
