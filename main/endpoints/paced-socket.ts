import type { WebSocket } from 'ws';

type Data = Parameters<WebSocket['send']>[0];

/** What the router's transport needs of a WebSocket. */
export interface PacedSocket {
  readonly addEventListener: WebSocket['addEventListener'];
  send(data: Data): Promise<void>;
}

/**
 * A WebSocket whose `send` is over when the bytes have left this process. The router waits for that between two items of a stream, so
 * what a slow client has not read gathers in the stream's own bounded queue instead of in the socket's buffer.
 */
export function pacedSocket(websocket: WebSocket): PacedSocket {
  return {
    addEventListener: websocket.addEventListener.bind(websocket),
    // What cannot be sent any more has a closed socket, which ends the client's calls by itself.
    send: (data) => new Promise((resolve) => websocket.send(data, () => resolve())),
  };
}
