import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { spoiledBody } from './spoiled-body.ts';
import type { Fault } from './faults.ts';
import type { OpenRequest } from './request-log.ts';
import type { Upstream } from './upstreams.ts';

const agent = new Agent({ keepAlive: true });
const passedHeaders = ['accept', 'range', 'if-none-match', 'if-modified-since', 'user-agent'];

export interface Forwarding {
  readonly upstream: Upstream;
  readonly path: string;
  readonly log: OpenRequest;
  readonly fault?: Fault | undefined;
  readonly headers?: Record<string, string> | undefined;
}

/** Lets the upstream's real registry answer, with `headers` added and the body spoiled by `fault`. */
export async function forward(request: IncomingMessage, response: ServerResponse, plan: Forwarding): Promise<void> {
  const answer = await askRegistry(request, plan.upstream, plan.path, request.method ?? 'GET');
  const headers = { ...answer.headers, ...plan.headers };
  delete headers.connection;
  response.writeHead(answer.statusCode ?? 502, headers);
  const count = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      plan.log.bytes += chunk.length;
      yield chunk;
    }
  };
  const body = spoiledBody(answer, plan.fault);
  await pipeline(count(body), response, { end: plan.fault?.kind !== 'cut' });
  if (plan.fault?.kind !== 'cut') return;
  // Closing drops what still waits in this process, and everything before the cut should arrive.
  while (!response.destroyed && (response.socket?.writableLength ?? 0) > 0) await sleep(5);
  response.socket?.destroy();
}

/** The registry's own answer to a request for `path`; the caller must read or destroy it. */
export async function askRegistry(
  request: IncomingMessage,
  upstream: Upstream,
  path: string,
  method: string,
): Promise<IncomingMessage> {
  const headers: Record<string, string> = { host: upstream.hosts[0], 'x-forwarded-proto': 'https' };
  for (const name of passedHeaders) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = String(value);
  }
  const inner = httpRequest({ agent, host: '127.0.0.1', port: upstream.port, path, method, headers });
  inner.end();
  const [answer] = (await once(inner, 'response')) as [IncomingMessage];
  return answer;
}
