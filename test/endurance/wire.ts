import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import type { Readable } from 'node:stream';

/** An answer whose body is still on its way. Header names are in lower case. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** What a client proves itself with and believes in, in PEM. */
export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Kept connections to one edge, over one version of HTTP. Errors say why no answer came. */
export interface Wire {
  ask(method: 'GET' | 'HEAD', path: string, headers: Readonly<Record<string, string>>): Promise<Reply>;
  close(): void;
}

/** An engine that hears nothing for so long is taken to have given up. Milliseconds. */
const patience = 90_000;
const silence = () => new Error('silence');

/** As Docker and Podman ask. A request that met a connection which was just being closed is sent again, as Go's client does. */
export function http1Wire(host: string, credentials: Credentials): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: 3, ...credentials });
  const ask: Wire['ask'] = (method, path, headers) =>
    new Promise((resolve, reject) => {
      const sent = request({ agent, host, method, path, headers, timeout: patience }, (answer) => {
        resolve({ status: answer.statusCode ?? 0, headers: texts(answer.headers), body: answer });
      });
      sent.on('timeout', () => sent.destroy(silence()));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && error.code === 'ECONNRESET') ask(method, path, headers).then(resolve, reject);
        else reject(error);
      });
      sent.end();
    });
  return { ask, close: () => agent.destroy() };
}

/**
 * How much may be on its way, in bytes, as Go's client grants it. With the 64 KiB that Node grants a whole connection, a layer of 100 MB
 * starves everything beside it for minutes.
 */
const streamWindow = 4 * 1024 * 1024;
const connectionWindow = 1024 * 1024 * 1024;

/** As containerd asks: all requests share one connection. What a closing edge has not begun with is sent again on the next one. */
export function http2Wire(host: string, credentials: Credentials): Wire {
  let session: ClientHttp2Session | undefined;
  const open = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    const made = connect(`https://${host}`, { ...credentials, settings: { initialWindowSize: streamWindow } });
    made.once('connect', () => made.setLocalWindowSize(connectionWindow));
    const over = (): void => {
      if (session === made) session = undefined;
    };
    made.on('error', over).on('goaway', over).on('close', over);
    session = made;
    return made;
  };
  const ask: Wire['ask'] = async (method, path, headers) => {
    for (;;) {
      const used = open();
      const stream = used.request({ ':method': method, ':path': path, ...headers });
      stream.setTimeout(patience, () => stream.destroy(silence()));
      try {
        const [answer] = (await once(stream, 'response')) as [Record<string, string | number>];
        stream.on('error', () => undefined);
        return { status: Number(answer[':status']), headers: texts(answer), body: stream };
      } catch (error) {
        if (stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM) throw error;
        if (session === used) session = undefined;
      }
    }
  };
  return { ask, close: () => session?.close() };
}

function texts(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
