import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { Log } from '../log/log.ts';
import { BrowserEntrance } from './browser-entrance.ts';
import {
  browserPageHeaders,
  protocolName,
  type Refusal,
  refuseOwn,
  refuseRead,
  sessionOffered,
  sessionUnknownCode,
} from './browser-rules.ts';
import { largestMessage } from './message-size.ts';
import { pacedSocket } from './paced-socket.ts';
import { readPages } from './pages-folder.ts';
import type { Router } from './router.ts';

/** What stands in the built index where each answer's nonce goes; see `renderer/vite.config.ts`. */
const noncePlace = 'MIRRORFLEET_NONCE';

/** The open browser door. */
export interface BrowserDoor {
  /** A fresh address that works once, for one tab: `http://127.0.0.1:43211/#token=…`. */
  newAddress(): string;
  close(): Promise<void>;
}

export interface BrowserDoorOptions {
  readonly router: Router;
  readonly log: Log;
  /** The folder of the built pages. */
  readonly folder: string;
  /** 0 is any free port. */
  readonly port: number;
}

/**
 * Serves the pages and the contract to this computer's own browser, on 127.0.0.1 alone. Whoever can open a loopback port, another user of
 * this computer included, gets the pages' files and nothing else: every call goes over a socket that needs the session of an address.
 * Throws `browser-port-taken` and `pages-missing`.
 */
export async function serveBrowser({ router, log, folder, port: wanted }: BrowserDoorOptions): Promise<BrowserDoor> {
  let pages = readPages(folder);
  const entrance = new BrowserEntrance();
  const handler = new RPCHandler(router, {
    interceptors: [
      onError((error) => log.debug('call failed', { error: error instanceof Error ? error.message : String(error) })),
    ],
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    handleProtocols: () => protocolName,
  });
  const server = createServer({ maxHeaderSize: 16 * 1024 }, answer);
  server.on('upgrade', upgrade);
  const port = await listening();
  return {
    newAddress() {
      // Whoever asks for an address may have built the pages anew since.
      pages = readPages(folder);
      return `http://127.0.0.1:${port}/#token=${entrance.newToken()}`;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', headers, url = '/' } = request;
    const path = url.split('?', 1)[0] ?? '/';
    if (path === '/session' && method === 'POST') return exchange(request, response);
    const refusal = refuseRead({ method, headers }, port);
    if (refusal) return refuse(response, refusal);
    const file = pages.get(path === '/' ? '/index.html' : path);
    if (!file) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.\n');
    const nonce = randomBytes(16).toString('base64');
    const bytes = file.type.startsWith('text/html') ? withNonce(file.bytes, nonce) : file.bytes;
    response.writeHead(200, {
      ...browserPageHeaders(nonce, port),
      'content-type': file.type,
      'content-length': bytes.length,
      'cache-control': file.lasting ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    response.end(method === 'HEAD' ? undefined : bytes);
  }

  function exchange({ method = '', headers }: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseOwn({ method, headers }, port);
    if (refusal) return refuse(response, refusal);
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    const session = token === undefined ? undefined : entrance.exchange(token);
    if (session === undefined) {
      log.warn('A page came with an address that is used up or was never given.');
      return refuse(response, { status: 403, reason: 'this address is used up' });
    }
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(session));
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { method = '', headers, url } = request;
    socket.on('error', () => {});
    const session = sessionOffered(headers['sec-websocket-protocol']);
    const refused = refuseOwn({ method, headers }, port)?.status ?? (url !== '/rpc' ? 404 : undefined);
    if (refused !== undefined || session === undefined) {
      socket.end(`HTTP/1.1 ${refused ?? 403} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (websocket) => {
      websocket.on('error', (error) => log.debug('a page broke off', { error: error.message }));
      if (!entrance.knows(session)) websocket.close(sessionUnknownCode, 'session unknown');
      else void handler.upgrade(pacedSocket(websocket));
    });
  }

  function listening(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(wanted === 0 ? error : listenProblem(error, wanted)),
      );
      server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
        const at = server.address();
        resolve(typeof at === 'object' && at !== null ? at.port : wanted);
      });
    });
  }
}

function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${reason}\n`);
}

function withNonce(html: Buffer, nonce: string): Buffer {
  return Buffer.from(html.toString('utf8').replaceAll(noncePlace, nonce));
}

function listenProblem(error: NodeJS.ErrnoException, port: number): ProblemError {
  return new ProblemError({
    code: 'browser-port-taken',
    message: `Port ${port} of this computer cannot be used (${error.code ?? error.message}); nothing was started.`,
    hint: 'Choose another with --port, or leave it out: any free one will do.',
    retryable: true,
  });
}
