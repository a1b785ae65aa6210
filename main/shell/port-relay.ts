import { WebSocket } from 'ws';
import { localAddress } from '../endpoints/client.ts';
import { largestMessage } from '../endpoints/message-size.ts';
import { messageOf, type PortEnd } from '../endpoints/port-end.ts';

/** More than this (bytes) that the core has not taken yet closes a line: no page has that much to say. */
const mostWaiting = 4 * largestMessage;

/**
 * Connects a window's port with a core that takes none itself: a connection to its local socket of this window's own, through which every
 * message goes as it is. Both ends close together. Returns the function that closes them; `onClose` is called once, however it ended.
 */
export function relayPort(port: PortEnd, socket: string, onClose: () => void): () => void {
  const websocket = new WebSocket(localAddress(socket), { perMessageDeflate: false });
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    port.close();
    websocket.terminate();
    onClose();
  };
  websocket.on('error', close);
  websocket.on('close', close);
  websocket.on('message', (data: Buffer, binary) => {
    if (open) port.postMessage(binary ? new Uint8Array(data) : data.toString());
  });
  port.on('close', close);
  port.on('message', ({ data }) => {
    const message = messageOf(data);
    if (message === undefined || message.length > largestMessage || websocket.bufferedAmount > mostWaiting) close();
    else if (open) websocket.send(message);
  });
  // What the page says before waits in the port.
  websocket.once('open', () => port.start());
  return close;
}
