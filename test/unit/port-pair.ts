import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { PortEnd } from '../../main/endpoints/port-end.ts';

/** A channel as a window and its shell share one: the page's end, and the other as Electron's main process has it. */
export function portPair(): { readonly page: MessagePort; readonly shell: PortEnd } {
  const { port1, port2 } = new MessageChannel();
  const listeners: ((event: { readonly data: unknown }) => void)[] = [];
  const shell: PortEnd = {
    on(event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) {
      if (event === 'close') port2.on('close', () => listener({ data: undefined }));
      else listeners.push(listener);
    },
    postMessage: (message) => port2.postMessage(message),
    start() {
      // Node starts a port with its first listener, and hands over the message itself instead of an event with it.
      for (const listener of listeners) port2.on('message', (data) => listener({ data }));
    },
    close: () => port2.close(),
  };
  return { page: port1, shell };
}

/** Resolves when the other end of a port was closed. */
export function closed(port: MessagePort): Promise<void> {
  return new Promise((resolve) => port.once('close', () => resolve()));
}
