import { onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import type { Log } from '../log/log.ts';
import { largestMessage } from './message-size.ts';
import type { PacedSocket } from './paced-socket.ts';
import { messageOf, type PortEnd } from './port-end.ts';
import type { Router } from './router.ts';

/** Serves the contract on the ports of windows. */
export interface PortServer {
  serve(port: PortEnd): void;
  /** Closes every port; streams on them end. */
  close(): void;
}

/**
 * The desktop's endpoint: whoever holds the other end of a port makes calls as on the local socket. Who gets one is the shell's to
 * decide. Sending is not paced: a port does not say when the page has read, and what a page leaves unread lies in the page's own memory.
 */
export function createPortServer(router: Router, log: Log): PortServer {
  // Not the handler for message ports: a message that is none would be an unhandled rejection in it, and so the end of the core.
  const handler = new RPCHandler(router, {
    interceptors: [
      onError((error) => log.debug('call failed', { error: error instanceof Error ? error.message : String(error) })),
    ],
  });
  const open = new Set<() => void>();
  return {
    serve(port) {
      const closing: (() => void)[] = [];
      const close = (): void => {
        if (!open.delete(close)) return;
        port.close();
        for (const listener of closing) listener();
      };
      open.add(close);
      port.on('close', close);
      const socket = {
        addEventListener(event: 'message' | 'close', listener: (event?: { readonly data: unknown }) => void) {
          if (event === 'close') return void closing.push(listener);
          port.on('message', ({ data }) => {
            const message = messageOf(data);
            if (message !== undefined && message.length <= largestMessage) return listener({ data: message });
            log.warn('A window sent what no call is made of; its line was closed.');
            close();
          });
        },
        send: (message: unknown) => (open.has(close) ? port.postMessage(message) : undefined),
      };
      // A WebSocket in the two things that the handler uses.
      void handler.upgrade(socket as unknown as PacedSocket);
      port.start();
    },
    close() {
      for (const close of open) close();
    },
  };
}
