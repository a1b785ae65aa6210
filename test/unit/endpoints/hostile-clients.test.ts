import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Api, type Services } from '../../../main/api.ts';
import { connectLocalSocket } from '../../../main/endpoints/client.ts';
import { serveLocalSocket } from '../../../main/endpoints/local-socket.ts';
import { createRouter } from '../../../main/endpoints/router.ts';
import { LiveState } from '../../../main/live-state.ts';
import { silentLog } from '../../../main/log/log.ts';

let folder: string;
let socket: string;
let stop: () => Promise<void>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  socket = join(folder, 'core.sock');
  const api = new Api({ live: new LiveState('1', 'dev@laptop') } as Services);
  stop = await serveLocalSocket(socket, createRouter(api, silentLog), silentLog, () => Promise.resolve('http://x'));
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the socket says to raw bytes, until it closes or has said something. */
function said(bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const client = connect(socket, () => client.write(bytes));
    client.on('data', (chunk) => {
      resolve(chunk.toString('latin1'));
      client.destroy();
    });
    client.on('error', () => resolve('closed'));
    client.on('close', () => resolve('closed'));
  });
}

/** The core is there and answers as it should. */
async function answers(): Promise<void> {
  const connection = await connectLocalSocket(socket);
  expect((await connection?.client.live.snapshot())?.nodes).toEqual([]);
  await connection?.close();
}

test.each([
  ['a path that is no address', 'POST // HTTP/1.1\r\nhost: core\r\n\r\n'],
  ['another that is none', 'POST http://[ HTTP/1.1\r\nhost: core\r\n\r\n'],
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9\r\n'],
  ['a port that is none', 'POST /browser-address?port=many HTTP/1.1\r\nhost: core\r\n\r\n'],
  ['headers without end', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}`],
])('%s costs the core nothing', async (_, bytes) => {
  expect(await said(bytes)).toMatch(/^HTTP\/1.1 (200|4\d\d)|closed/);
  await answers();
});

/** Opens a line as a command does, sends these, and waits until it is closed or, where it may stay open, until they were read. */
async function line(send: (client: WebSocket) => void, closes: boolean): Promise<void> {
  const client = new WebSocket(`ws+unix://${socket}:/`);
  client.on('error', () => {});
  await new Promise((resolve) => client.once('open', resolve));
  send(client);
  if (closes) await new Promise((resolve) => client.once('close', resolve));
  else {
    await new Promise<void>((resolve) => {
      client.once('pong', () => resolve());
      client.once('close', () => resolve());
      client.ping();
    });
    client.terminate();
  }
}

test('a message that is larger than any call ends its line and nothing else', async () => {
  await line((client) => client.send(Buffer.alloc(5 << 20)), true);
  await answers();
});

test('a frame that breaks the protocol ends its line and nothing else', async () => {
  const upgrade = [
    'GET / HTTP/1.1',
    'host: core',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    '',
    '',
  ].join('\r\n');
  await new Promise<void>((resolve) => {
    const client = connect(socket, () => client.write(upgrade));
    client.once('data', () => client.write(Uint8Array.from([0xff, 0xff, 0xff, 0xff])));
    client.on('error', () => {});
    client.on('close', () => resolve());
  });
  await answers();
});

test('whatever is said on a line, the core goes on', async () => {
  const call = fc.record({ i: fc.oneof(fc.string(), fc.nat()), p: fc.anything() }, { requiredKeys: [] });
  const message = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    call.map((each) => JSON.stringify(each) ?? ''),
    fc.constantFrom(
      '{"i":"1","p":{"u":"/node/show"}}',
      '{"i":"1","p":{"u":"/node/show","b":{"json":null}}}',
      '{"i":"1","p":{"u":"/__proto__/constructor","b":{}}}',
      '{"i":"1","p":{"u":"/live/watch/../../x","m":"DELETE"}}',
      '{"i":"1","t":3}',
      '[]',
      'null',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
      await line((client) => {
        for (const each of messages) client.send(each);
      }, false);
    }),
    { numRuns: 30 },
  );
  await answers();
});
