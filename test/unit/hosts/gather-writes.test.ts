import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { gatherWrites } from '../../../main/hosts/gather-writes.ts';

/** A stream that tells in which pieces it was asked to send. */
function sending(): { stream: Writable; sent: string[][] } {
  const sent: string[][] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sent.push([chunk.toString()]);
      done();
    },
    writev(chunks, done) {
      sent.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()));
      done();
    },
  });
  gatherWrites(stream);
  return { stream, sent };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is written in one turn leaves as one write, in order, and what comes in the next as another', async () => {
  const { stream, sent } = sending();
  for (const piece of ['length', 'content', 'mac']) stream.write(piece);
  expect(sent).toEqual([]);
  await nextTurn();
  stream.write('alone');
  await nextTurn();
  expect(sent).toEqual([['length', 'content', 'mac'], ['alone']]);
});

test('an end in the same turn loses nothing', async () => {
  const { stream, sent } = sending();
  stream.write('last');
  stream.write('words');
  stream.end();
  await once(stream, 'finish');
  expect(sent.flat()).toEqual(['last', 'words']);
});

test('a socket says that it is full, and when it is not any more', async () => {
  const { stream } = sending();
  expect(stream.write(Buffer.alloc(stream.writableHighWaterMark + 1))).toBe(false);
  await once(stream, 'drain');
  expect(stream.writableLength).toBe(0);
});

test('a real socket keeps gathering after it has connected, and is quiet about a peer that is gone', async () => {
  const server = createServer((peer) => peer.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  gatherWrites(socket);
  await once(socket, 'connect');
  socket.write('a');
  expect(socket.writableCorked).toBe(1);
  socket.destroy();
  await nextTurn();
  expect(socket.writableCorked).toBe(0);
  server.close();
});
