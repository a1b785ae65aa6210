import { type IncomingHttpHeaders, type IncomingMessage, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import { noAnswer, tooSlow } from './registry-problems.ts';
import { cancelled } from './ssh-problems.ts';

/** Whom to trust and who to be, as PEM. Without `ca` the system's authorities count. */
export interface TlsIdentity {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: Secret | undefined;
}

/** How long the parts of one request took, in ms. `connectMs` and `tlsMs` are 0 on a connection that was open already; the others count from the start. */
export interface Timings {
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Hears the body; returning false ends the exchange there, which is not an error. */
  readonly onBody?: (chunk: Buffer) => boolean;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly timings: Timings;
  /** The body, where nobody listened to it by `onBody`; at most 8 MiB. */
  readonly body: Buffer;
}

export interface ExchangeOptions {
  readonly identity?: TlsIdentity | undefined;
  /** Longest wait in ms: for the connection with the answer's head, and for each next piece of its body. */
  readonly timeoutMs: number;
  readonly lookup?: LookupFunction | undefined;
  readonly keepAlive?: boolean | undefined;
}

/** Sends single requests over its own connections; `close` drops those kept open. */
export interface Exchange {
  send(request: ExchangeRequest): Promise<ExchangeAnswer>;
  close(): void;
}

const largestBody = 8 * 1024 * 1024;

export function createExchange(options: ExchangeOptions): Exchange {
  const { identity, lookup, timeoutMs } = options;
  const keepAlive = options.keepAlive ?? false;
  const plain = new HttpAgent({ keepAlive, ...(lookup === undefined ? {} : { lookup }) });
  const secure = new HttpsAgent({
    keepAlive,
    ...(lookup === undefined ? {} : { lookup }),
    ...(identity?.ca === undefined ? {} : { ca: identity.ca }),
    ...(identity?.certificate === undefined ? {} : { cert: identity.certificate }),
    ...(identity?.key === undefined ? {} : { key: identity.key.reveal() }),
  });
  return {
    send: (request) => send(request, request.url.protocol === 'http:' ? plain : secure, timeoutMs),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** `host:port` for messages; the port is always said. */
export function whereOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`;
}

function send(wanted: ExchangeRequest, agent: HttpAgent | HttpsAgent, timeoutMs: number): Promise<ExchangeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ExchangeAnswer>();
  const { url, method, headers } = wanted;
  const where = whereOf(url);
  const begin = performance.now();
  const since = () => performance.now() - begin;
  const clock = { connectMs: 0, tlsMs: 0, firstByteMs: 0 };
  let secured = url.protocol === 'http:';
  let waitingFor = 'an answer';
  const asked = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, { method, headers, agent });
  const late = () => asked.destroy(new ProblemError(tooSlow(where, waitingFor, timeoutMs)));
  let timer = setTimeout(late, timeoutMs);
  const onAbort = () => {
    const why: unknown = wanted.signal?.reason;
    asked.destroy(why instanceof ProblemError ? why : new ProblemError(cancelled(`The request to ${where}`)));
  };
  const settle = () => {
    clearTimeout(timer);
    wanted.signal?.removeEventListener('abort', onAbort);
  };
  const broken = (error: unknown) => {
    settle();
    reject(
      error instanceof ProblemError
        ? error
        : new ProblemError(noAnswer(where, error, secured ? 'after-tls' : 'before-tls'), { cause: error }),
    );
  };
  if (wanted.signal?.aborted) onAbort();
  wanted.signal?.addEventListener('abort', onAbort, { once: true });

  asked.on('socket', (socket: Socket) => {
    if (!socket.connecting) {
      secured = true;
      return;
    }
    socket.once('connect', () => (clock.connectMs = since()));
    socket.once('secureConnect', () => {
      clock.tlsMs = since() - clock.connectMs;
      secured = true;
    });
  });
  asked.on('error', broken);
  asked.on('response', (answer: IncomingMessage) => {
    clock.firstByteMs = since();
    waitingFor = 'the rest of its answer';
    const chunks: Buffer[] = [];
    let kept = 0;
    let enough = false;
    const done = () => {
      settle();
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        timings: { ...clock, totalMs: since() },
        body: Buffer.concat(chunks),
      });
    };
    answer.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(late, timeoutMs);
      if (enough) return;
      if (wanted.onBody !== undefined && (answer.statusCode ?? 0) < 300) {
        if (wanted.onBody(chunk)) return;
        enough = true;
        done();
        asked.destroy();
        return;
      }
      kept += chunk.length;
      if (kept > largestBody) asked.destroy(new Error(`an answer of more than ${largestBody} bytes`));
      else chunks.push(chunk);
    });
    answer.on('end', done);
    answer.on('error', broken);
  });
  asked.end();
  return promise;
}
