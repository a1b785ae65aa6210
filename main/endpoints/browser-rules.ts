import type { IncomingHttpHeaders } from 'node:http';

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

/**
 * What the browser may do with a page. Scripts come from our files alone: nothing inline, nothing evaluated, nothing of another host.
 * Style elements (Mantine's variables, CodeMirror's theme) carry this answer's nonce; style attributes need no rule, because React sets
 * them through the object model, which the policy does not govern.
 */
export function pageHeaders(nonce: string, port: number): Readonly<Record<string, string>> {
  const sockets = hostsOf(port).map((host) => `ws://${host}`);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${sockets.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
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
