import { Agent, type ClientRequestArgs, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail, ProblemError } from '../../preload/contract/problem.ts';
import type { Host } from './host.ts';

const defaultTimeout = 10_000;
const largest = 8 * 1024 * 1024;

/** What a GET was answered. */
export interface HttpFound {
  readonly status: number;
  readonly body: string;
}

/**
 * Plain HTTP GETs to a port that only the machine itself can reach, one after the other over one connection: each connection through a
 * machine is a channel of its own, whose opening and closing cost more than a question and its answer.
 */
export interface HttpLine {
  /** Problems: `port-forward-refused`, `http-failed` (no or half an answer, over 8 MiB, or later than `timeoutMs`); the next question is asked over a new connection then. */
  get(path: string, timeoutMs?: number, headers?: Readonly<Record<string, string>>): Promise<HttpFound>;
  close(): void;
}

export function openHttpLine(host: Pick<Host, 'connect' | 'name'>, port: number): HttpLine {
  const agent = new ChannelAgent(() => host.connect(port));
  return {
    async get(path, timeoutMs = defaultTimeout, headers = {}) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await getOver(agent, path, signal, { ...headers, host: '127.0.0.1' });
      } catch (error) {
        if (error instanceof ProblemError) throw error;
        return fail(
          {
            code: 'http-failed',
            message: `Port ${port} on ${host.name} gave no proper answer to ${path} (${signal.aborted ? `nothing within ${timeoutMs} ms` : error instanceof Error ? error.message : String(error)}).`,
            hint: 'The service behind it may be starting or stuck; look at its log.',
            retryable: true,
          },
          { cause: error },
        );
      }
    },
    close: () => agent.close(),
  };
}

/** One GET over a connection of its own; see {@link HttpLine.get}. */
export async function openHttp(
  host: Pick<Host, 'connect' | 'name'>,
  port: number,
  path: string,
  timeoutMs = defaultTimeout,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpFound> {
  const line = openHttpLine(host, port);
  try {
    return await line.get(path, timeoutMs, headers);
  } finally {
    line.close();
  }
}

function getOver(
  agent: Agent,
  path: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<HttpFound> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, path, signal, headers }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > largest) answer.destroy(new Error(`more than ${largest} bytes`));
        else chunks.push(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    // A request that waits for its connection would say that it was given up only when that is there.
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    asked.end();
  });
}

/** Keeps one connection, which is a stream and no socket: it knows no keep-alive packets and no reference count. */
class ChannelAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;
  readonly #streams = new Set<Duplex>();
  #closed = false;

  constructor(connect: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#connect = connect;
  }

  override createConnection(
    _options: ClientRequestArgs,
    made?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#connect().then(
      (stream) => {
        this.#streams.add(stream);
        stream.once('close', () => this.#streams.delete(stream));
        if (this.#closed) stream.destroy();
        made?.(null, stream);
      },
      (error: unknown) => {
        // Its type wants a stream beside an error, of which there is none.
        if (made) Reflect.apply(made, undefined, [error]);
      },
    );
    return undefined;
  }

  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {}

  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.destroy();
    this.destroy();
  }
}
