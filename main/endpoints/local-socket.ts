import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { problemOf } from '../../preload/contract/problem.ts';
import type { Log } from '../log/log.ts';
import { makePrivateFolder, notWritten } from '../store/private-file.ts';
import { addressPath } from './browser-address.ts';
import { largestMessage } from './message-size.ts';
import { pacedSocket } from './paced-socket.ts';
import type { Router } from './router.ts';

/**
 * Serves the contract on a socket that only this user can open (folder 0700, socket 0600). The caller holds the instance lock, so a
 * socket file that is there already was left by a core that died. `newAddress` gives an address of the pages, on a port if one is asked
 * for. Resolves when it listens; returns the function that ends it. Throws `store-not-written` where the socket cannot be made.
 */
export async function serveLocalSocket(
  socket: string,
  router: Router,
  log: Log,
  newAddress: (port: number) => Promise<string>,
): Promise<() => Promise<void>> {
  if (process.platform !== 'win32') {
    makePrivateFolder(dirname(socket));
    try {
      chmodSync(dirname(socket), 0o700);
      rmSync(socket, { force: true });
    } catch (error) {
      notWritten(socket, error);
    }
  }
  const handler = new RPCHandler(router, {
    interceptors: [
      onError((error) => log.debug('call failed', { error: error instanceof Error ? error.message : String(error) })),
    ],
  });
  const server = createServer((request, response) => void answer(request, response, newAddress));
  const sockets = new WebSocketServer({ server, maxPayload: largestMessage, perMessageDeflate: false });
  sockets.on('connection', (websocket) => {
    // What breaks the protocol, or is larger than any call, ends its own line: an error that nobody hears would end the core.
    websocket.on('error', (error) => log.debug('a client broke off', { error: error.message }));
    void handler.upgrade(pacedSocket(websocket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  }).catch((error: unknown) => notWritten(socket, error));
  if (process.platform !== 'win32') chmodSync(socket, 0o600);
  return async () => {
    for (const websocket of sockets.clients) websocket.terminate();
    sockets.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** The only request that is no socket: a new address of the pages, or the Problem with it. */
async function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  newAddress: (port: number) => Promise<string>,
): Promise<void> {
  const [path, query] = url.split('?', 2);
  const port = Number(new URLSearchParams(query).get('port') ?? 0);
  if (method !== 'POST' || path !== addressPath || !Number.isInteger(port)) return void response.writeHead(426).end();
  const said = await newAddress(port).then(
    (address) => ({ address }),
    (error: unknown) => ({ problem: problemOf(error) }),
  );
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
}
