import type { IncomingHttpHeaders } from 'node:http';
import { pageHeaders } from '../../preload/contract/page-headers.ts';

/** The parts of a request that decide whether it is answered at all. */
export interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Why a request is not answered: its status and a word for whoever looks into the browser's console. */
export interface Refusal {
  readonly status: 403 | 405 | 421;
  readonly reason: string;
}

/** The names by which this computer's own browser reaches the door; never anything that a name server could make of it. */
const hostsOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

/**
 * Reads are for requests that name this door as their host: a page of the internet whose name was turned to 127.0.0.1 (DNS rebinding)
 * carries its own name and is misdirected (421).
 */
export function refuseRead({ method, headers }: Asked, port: number): Refusal | undefined {
  if (!hostsOf(port).includes(headers.host ?? ''))
    return { status: 421, reason: 'this is not the host that was asked for' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, reason: 'only GET' };
  return undefined;
}

/**
 * The exchange of a token and the socket are for our own page only: they must also come from its origin. Browsers send `Origin` with
 * every POST and every WebSocket, and no script can change it.
 */
export function refuseOwn({ headers }: Asked, port: number): Refusal | undefined {
  const { host = '', origin = '' } = headers;
  if (!hostsOf(port).includes(host)) return { status: 421, reason: 'this is not the host that was asked for' };
  if (origin !== `http://${host}`) return { status: 403, reason: 'not from this page' };
  return undefined;
}

/** The page's headers at this door: it speaks to the door it came from, by its socket too. */
export function browserPageHeaders(nonce: string, port: number): Readonly<Record<string, string>> {
  const sockets = hostsOf(port).map((host) => `ws://${host}`);
  return pageHeaders(nonce, `'self' ${sockets.join(' ')}`);
}

/** The socket's protocol by name, and the session offered beside it; see `renderer/core/connection.ts`. */
export const protocolName = 'mirrorfleet.v1';

/** The session in a handshake's offered protocols (`mirrorfleet.v1, session.…`); undefined without the right pair. */
export function sessionOffered(protocols: string | undefined): string | undefined {
  const offered = (protocols ?? '').split(',').map((each) => each.trim());
  if (!offered.includes(protocolName)) return undefined;
  return offered.find((each) => each.startsWith('session.'))?.slice('session.'.length);
}

/** Closes a socket whose session is not known. The handshake is finished first, because a browser shows its page no refused one's reason. */
export const sessionUnknownCode = 4401;
