import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import { createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { criStatus } from '../../../main/runtimes/privileged-containerd.ts';
import { readBackup } from '../../../main/runtimes/privileged-files.ts';
import { Refusal } from '../../../main/runtimes/privileged-request.ts';

let folder: string;
let socket: string;
let server: Http2Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'containerd-'));
  socket = join(folder, 'containerd.sock');
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function refusalOf(body: () => unknown): Promise<string> {
  try {
    await body();
    return 'nothing';
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}

/** A containerd that answers every call with these bytes. */
async function containerd(bytes: Uint8Array, status = '0'): Promise<void> {
  server = createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(bytes);
  });
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
}

const framed = (...message: number[]): Uint8Array => Uint8Array.from([0, 0, 0, 0, message.length, ...message]);

test.each<[string, Uint8Array]>([
  ['a number that never ends', framed(0x80, 0x80)],
  ['a field of a kind that is none', framed(0x0f)],
  ['a field inside that is none', framed(0x12, 0x01, 0x0f)],
])('an answer of containerd with %s is refused, and the helper lives', async (_, bytes) => {
  await containerd(bytes);
  expect(await refusalOf(() => criStatus({ verb: 'cri-status' }, undefined, socket))).toBe('containerd-not-understood');
});

test('an answer of containerd that says nothing has no path, and one that fails is told', async () => {
  await containerd(new Uint8Array());
  expect(await criStatus({ verb: 'cri-status' }, undefined, socket)).toEqual({ ok: true, configPath: '' });
  server?.close();
  rmSync(socket, { force: true });
  await containerd(new Uint8Array(), '12');
  expect(await refusalOf(() => criStatus({ verb: 'cri-status' }, undefined, socket))).toBe('containerd-not-answering');
});

test('a containerd that is not there, or speaks another language, does not answer', async () => {
  expect(await refusalOf(() => criStatus({ verb: 'cri-status' }, undefined, socket))).toBe('containerd-not-answering');
  const plain = createPlainServer((connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => plain.listen(socket, resolve));
  expect(await refusalOf(() => criStatus({ verb: 'cri-status' }, undefined, socket))).toBe('containerd-not-answering');
  plain.close();
});

test('a backup that is not there is told before anything is changed', async () => {
  expect(await refusalOf(() => readBackup('docker-00000000-0000-4000-8000-000000000000'))).toBe('backup-missing');
});
