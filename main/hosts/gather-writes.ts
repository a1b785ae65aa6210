import type { Writable } from 'node:stream';

/**
 * Makes a connected socket send what is written in one turn of the event loop as one write. ssh2 writes each packet in three pieces (length,
 * content, MAC), and Nagle's algorithm is off: alone, each would be a call of the kernel and a segment of its own on the line. To be called
 * after `connect`, which gives a socket Node's own `write` again.
 */
export function gatherWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...args: readonly unknown[]) => boolean;
  let gathering = false;
  socket.write = (...args: readonly unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
