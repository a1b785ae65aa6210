import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Client } from '../../../main/endpoints/client.ts';
import { largestMessage } from '../../../main/endpoints/message-size.ts';
import { relayPort } from '../../../main/shell/port-relay.ts';
import { closed, portPair } from '../port-pair.ts';
import { serveSmallCore } from './small-core.ts';

let folder: string;
let socket: string;
const ends: (() => void | Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-'));
  socket = join(folder, 'core.sock');
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true, force: true });
});

function relayed(): { page: MessagePort; over: Promise<void> } {
  const { page, shell } = portPair();
  const over = new Promise<void>((resolve) => ends.push(relayPort(shell, socket, resolve)));
  return { page, over };
}

test('a page makes calls through the relay and follows the snapshot', async () => {
  ends.push(await serveSmallCore(socket, 'somebody'));
  const { page } = relayed();
  // Said before the socket is open; it waits.
  const client: Client = createORPCClient(new RPCLink({ port: page }));
  page.start();
  expect(await client.live.snapshot()).toMatchObject({ who: 'somebody' });
  const news = await client.live.watch();
  expect(await news.next()).toMatchObject({ value: { kind: 'snapshot' } });
});

/** A core of which nothing but the socket is there: says back what comes. */
async function echo(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ noServer: true });
  const { createServer } = await import('node:http');
  const http = createServer().on('upgrade', (request, stream, head) =>
    server.handleUpgrade(request, stream, head, (websocket) =>
      websocket.on('message', (data, binary) => websocket.send(data, { binary })),
    ),
  );
  await new Promise<void>((resolve) => http.listen(socket, resolve));
  ends.push(() => {
    for (const each of server.clients) each.terminate();
    http.close();
  });
  return server;
}

test('text stays text and bytes stay bytes, both ways', async () => {
  await echo();
  const { page } = relayed();
  const heard: unknown[] = [];
  page.on('message', (message) => heard.push(message));
  page.postMessage('{"i":"1"}');
  page.postMessage(new Uint8Array([0, 255, 10]));
  await expect.poll(() => heard.length).toBe(2);
  expect(heard).toEqual(['{"i":"1"}', new Uint8Array([0, 255, 10])]);
});

test('the socket closes with the page, and the page with the socket', async () => {
  const server = await echo();
  const first = relayed();
  await expect.poll(() => server.clients.size).toBe(1);
  first.page.close();
  await first.over;
  await expect.poll(() => server.clients.size).toBe(0);
  const second = relayed();
  await expect.poll(() => server.clients.size).toBe(1);
  const end = closed(second.page);
  for (const each of server.clients) each.terminate();
  await Promise.all([end, second.over]);
});

test('where nobody listens, the port is closed', async () => {
  const { page, over } = relayed();
  await Promise.all([closed(page), over]);
});

test.each([
  ['more than a call ever is', 'x'.repeat(largestMessage + 1)],
  ['what is no message of a call', { i: '1' }],
])('%s closes the line', async (_what, message) => {
  await echo();
  const { page, over } = relayed();
  page.postMessage(message);
  await Promise.all([closed(page), over]);
});
