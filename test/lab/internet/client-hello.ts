/** What the first bytes of a TLS connection say. */
export type ClientHello = { readonly name: string | undefined } | 'incomplete';

/**
 * The server name (SNI) in a ClientHello; `incomplete` asks for more bytes. Today's clients send keys so large
 * that the message often comes in two packets.
 */
export function readClientHello(bytes: Buffer): ClientHello {
  if (bytes.length < 5) return 'incomplete';
  if (bytes.readUInt8(0) !== 22) return { name: undefined };
  if (bytes.length < 5 + bytes.readUInt16BE(3)) return 'incomplete';
  // Record header 5, handshake header 4, version 2, random 32; then three vectors before the extensions.
  let at = 43;
  at += 1 + bytes.readUInt8(at);
  at += 2 + bytes.readUInt16BE(at);
  at += 1 + bytes.readUInt8(at);
  const end = Math.min(at + 2 + bytes.readUInt16BE(at), bytes.length);
  at += 2;
  while (at + 4 <= end) {
    const type = bytes.readUInt16BE(at);
    const size = bytes.readUInt16BE(at + 2);
    // Extension 0: list length 2, kind 1, name length 2, name.
    if (type === 0) return { name: bytes.toString('latin1', at + 9, at + 9 + bytes.readUInt16BE(at + 7)) };
    at += 4 + size;
  }
  return { name: undefined };
}
