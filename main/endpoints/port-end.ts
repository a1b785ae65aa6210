/**
 * One end of a message channel, as Electron gives it to its main and utility processes (`MessagePortMain`). It carries the same messages
 * as a WebSocket: text, or bytes where a call has some.
 */
export interface PortEnd {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  /** Messages wait until it is called. */
  start(): void;
  close(): void;
}

/** A message of a port, read; undefined for what no call is made of. */
export function messageOf(data: unknown): string | Uint8Array | undefined {
  if (typeof data === 'string' || data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}
