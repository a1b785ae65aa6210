import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import type { Log } from '../log/log.ts';
import { pacedSocket } from './paced-socket.ts';
import type { Router } from './router.ts';

/** A message larger than this (bytes) closes the connection: no call of the contract comes near it. */
const largestMessage = 4 * 1024 * 1024;

/**
 * Serves the contract on a socket that only this user can open (folder 0700, socket 0600). The caller holds the instance lock, so a
 * socket file that is there already was left by a core that died. Resolves when it listens; returns the function that ends it.
 */
export async function serveLocalSocket(socket: string, router: Router, log: Log): Promise<() => Promise<void>> {
  if (process.platform !== 'win32') {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
    chmodSync(dirname(socket), 0o700);
    rmSync(socket, { force: true });
  }
  const handler = new RPCHandler(router, {
    interceptors: [
      onError((error) => log.debug('call failed', { error: error instanceof Error ? error.message : String(error) })),
    ],
  });
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ server, maxPayload: largestMessage, perMessageDeflate: false });
  sockets.on('connection', (websocket) => void handler.upgrade(pacedSocket(websocket)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  if (process.platform !== 'win32') chmodSync(socket, 0o600);
  return async () => {
    for (const websocket of sockets.clients) websocket.terminate();
    sockets.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}
