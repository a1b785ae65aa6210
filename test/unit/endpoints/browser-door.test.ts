import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Api } from '../../../main/api.ts';
import { type BrowserDoor, serveBrowser } from '../../../main/endpoints/browser-server.ts';
import type { Client } from '../../../main/endpoints/client.ts';
import { largestMessage } from '../../../main/endpoints/message-size.ts';
import { createRouter } from '../../../main/endpoints/router.ts';
import { silentLog } from '../../../main/log/log.ts';
import { problemOf } from '../../../preload/contract/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-door-'));
const snapshot = { version: 'door', nodes: [], runtimes: [], tasks: [] };
const router = createRouter({ snapshot: () => snapshot, subscribe: () => () => {} } as unknown as Api, silentLog);
let door: BrowserDoor;
let port = 0;

beforeAll(async () => {
  mkdirSync(join(folder, 'pages/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not for the browser');
  writeFileSync(join(folder, 'pages/index.html'), '<meta property="csp-nonce" nonce="MIRRORFLEET_NONCE">');
  writeFileSync(join(folder, 'pages/assets/main-abc.js'), 'export {};');
  door = await serveBrowser({ router, log: silentLog, folder: join(folder, 'pages'), port: 0 });
  port = Number(new URL(door.newAddress()).port);
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request exactly as written; no client of ours cleans its path or its headers. */
function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { host: `127.0.0.1:${port}`, ...headers },
    });
    asking.once('error', reject);
    asking.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asking.end();
  });
}

const own = () => `http://127.0.0.1:${port}`;
const tokenOf = (address: string): string => new URL(address).hash.slice('#token='.length);
const exchange = (token: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('POST', '/session', { origin: own(), authorization: `Bearer ${token}`, ...headers });
const newSession = async (): Promise<string> => String(JSON.parse((await exchange(tokenOf(door.newAddress()))).text));

/** Opens a socket as a page would, and says how that went: the status of a refusal, or the code it was closed with. */
function handshake(
  protocols: string[],
  headers: Record<string, string> = { origin: own() },
  path = '/rpc',
): Promise<{ socket: WebSocket; refused?: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  return new Promise((resolve) => {
    socket.once('open', () => resolve({ socket }));
    socket.once('unexpected-response', (_asked, { statusCode = 0 }) => resolve({ socket, refused: statusCode }));
    socket.on('error', () => {});
  });
}
const closedWith = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve));

describe('Pages', () => {
  test('the index is never kept by a browser and carries a nonce of its own, the same as its policy', async () => {
    const [first, second] = [await ask('GET', '/'), await ask('GET', '/')];
    const nonce = /nonce="([^"]+)"/.exec(first.text)?.[1] ?? '';
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    expect(second.text).not.toContain(nonce);
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    const policy = first.headers['content-security-policy'];
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('a file whose name holds its hash is kept, privately', async () => {
    const answer = await ask('GET', '/assets/main-abc.js');
    expect(answer).toMatchObject({ status: 200, text: 'export {};' });
    expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toContain('text/javascript');
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/./../secret.txt',
    '/etc/passwd',
    'http://127.0.0.1/../secret.txt',
    '/index.html%00.js',
    '/constructor',
  ])('nothing outside of the pages is served: %s', async (path) => {
    const answer = await ask('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('not for the browser');
  });

  test.each([
    ['evil.example', 421],
    ['evil.example:80', 421],
    ['127.0.0.1', 421],
    ['127.0.0.1:1', 421],
    ['0.0.0.0', 421],
    ['[::1]', 421],
  ])(
    'a request for the host %s is misdirected (%i): a name turned to this computer reaches nothing',
    async (host, status) => {
      expect((await ask('GET', '/', { host })).status).toBe(status);
      expect((await exchange(tokenOf(door.newAddress()), { host, origin: `http://${host}` })).status).toBe(status);
      expect((await handshake(['mirrorfleet.v1'], { host, origin: `http://${host}` })).refused).toBe(status);
    },
  );

  test('localhost is a name of this computer too', async () => {
    expect((await ask('GET', '/', { host: `localhost:${port}` })).status).toBe(200);
  });

  test.each(['PUT', 'DELETE', 'OPTIONS', 'POST'])('%s is no way to ask for a page', async (method) => {
    const answer = await ask(method, '/');
    expect(answer.status).toBe(405);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('it listens on this computer alone', async () => {
    const other = Object.values((await import('node:os')).networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    if (!other) throw new Error('This computer has no address besides loopback to try.');
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(port, other.address, () => resolve(true));
      socket.on('error', () => resolve(false));
    });
    expect(reached).toBe(false);
  });
});

describe('The way in', () => {
  test('a token is exchanged once, for a session that stands in no address', async () => {
    const address = door.newAddress();
    const token = tokenOf(address);
    expect(token.length).toBeGreaterThan(40);
    const first = await exchange(token);
    expect(first.status).toBe(200);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.text).not.toContain(token);
    expect((await exchange(token)).status).toBe(403);
  });

  test.each(['', 'Bearer ', 'Bearer wrong', 'Basic abc', 'Bearer a b'])('"%s" opens nothing', async (authorization) => {
    expect((await ask('POST', '/session', { origin: own(), authorization })).status).toBe(403);
  });

  test.each(['https://evil.example', 'null', '', 'http://127.0.0.1:1', 'https://127.0.0.1'])(
    'a page of the origin "%s" can neither exchange a token nor open a socket, and the token stays good',
    async (origin) => {
      const token = tokenOf(door.newAddress());
      expect((await exchange(token, { origin })).status).toBe(403);
      const session = await newSession();
      expect((await handshake(['mirrorfleet.v1', `session.${session}`], { origin })).refused).toBe(403);
      expect((await exchange(token)).status).toBe(200);
    },
  );

  test('the oldest of too many addresses stops working', async () => {
    const first = tokenOf(door.newAddress());
    for (let at = 0; at < 16; at += 1) door.newAddress();
    expect((await exchange(first)).status).toBe(403);
  });

  test('a port that is taken is a problem with a way out', async () => {
    const again = serveBrowser({ router, log: silentLog, folder: join(folder, 'pages'), port });
    await expect(again.catch((error: unknown) => problemOf(error).code)).resolves.toBe('browser-port-taken');
  });

  test('pages that were not built are said, not served as nothing', async () => {
    const none = serveBrowser({ router, log: silentLog, folder: join(folder, 'nowhere'), port: 0 });
    await expect(none.catch((error: unknown) => problemOf(error).code)).resolves.toBe('pages-missing');
  });
});

describe('The socket', () => {
  test('serves the contract to a session, which is not sent back', async () => {
    const { socket } = await handshake(['mirrorfleet.v1', `session.${await newSession()}`]);
    expect(socket.protocol).toBe('mirrorfleet.v1');
    const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
    expect(await createORPCClient<Client>(link).live.snapshot()).toEqual(snapshot);
    socket.close();
  });

  test.each([[['mirrorfleet.v1']], [['session.wrong']], [['another', 'session.wrong']], [[]]])(
    'a handshake that offers %j is refused',
    async (protocols) => {
      expect((await handshake(protocols)).refused).toBe(403);
    },
  );

  test.each(['wrong', ''])('the session "%s" is not known, and its page is told so', async (session) => {
    const { socket } = await handshake(['mirrorfleet.v1', `session.${session}`]);
    expect(await closedWith(socket)).toBe(4401);
  });

  test('a token is no session', async () => {
    const { socket } = await handshake(['mirrorfleet.v1', `session.${tokenOf(door.newAddress())}`]);
    expect(await closedWith(socket)).toBe(4401);
  });

  test('another path has no socket', async () => {
    expect((await handshake(['mirrorfleet.v1'], { origin: own() }, '/other')).refused).toBe(404);
  });

  test('a message beyond the bound ends that socket alone', async () => {
    const session = await newSession();
    const [{ socket }, { socket: other }] = await Promise.all([
      handshake(['mirrorfleet.v1', `session.${session}`]),
      handshake(['mirrorfleet.v1', `session.${session}`]),
    ]);
    socket.send(Buffer.alloc(largestMessage + 1));
    expect(await closedWith(socket)).toBe(1009);
    expect(other.readyState).toBe(other.OPEN);
    other.close();
  });
});
