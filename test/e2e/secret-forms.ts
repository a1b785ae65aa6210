/**
 * The forms in which a secret may turn up where it should not, as bytes to look for: as it is, backwards, in hexadecimal, in Base64 of
 * both alphabets wherever it stands inside of a longer text, in an address, and in a string of JSON, once and twice over. Forms that hold
 * a line's end or a zero are left out, because what looks for them goes by lines; a long secret is looked for by its pieces too. Pure.
 */
export function formsOf(secret: Buffer): readonly Buffer[] {
  const forms = [secret, ...piecesOf(secret)].flatMap(formsOfPiece);
  return [...new Map(forms.map((form) => [form.toString('latin1'), form])).values()].filter(
    (form) => form.length >= 8 && !form.includes(10) && !form.includes(0),
  );
}

/** Pieces of at least 12 bytes, none of which is broken where Base64 in lines of 64 breaks another. */
function piecesOf(secret: Buffer): Buffer[] {
  const size = Math.max(12, Math.ceil(secret.length / 3));
  return secret.length < 24
    ? []
    : [0, Math.floor((secret.length - size) / 2), secret.length - size].map((at) => secret.subarray(at, at + size));
}

function formsOfPiece(piece: Buffer): Buffer[] {
  const text = piece.toString('latin1');
  const json = JSON.stringify(text).slice(1, -1);
  const encoded = [0, 1, 2].map((before) => base64Inside(piece, before));
  return [
    piece,
    Buffer.from(piece).reverse(),
    ...[
      piece.toString('hex'),
      piece.toString('hex').toUpperCase(),
      ...encoded,
      ...encoded.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
      encodeURIComponent(text),
      json,
      JSON.stringify(json).slice(1, -1),
    ].map((each) => Buffer.from(each, 'latin1')),
  ];
}

/** The part of the Base64 of a longer text that depends on the piece alone, where so many bytes (modulo three) stand before it. */
function base64Inside(piece: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), piece]);
  const settled = Math.floor((whole.length * 8) / 6);
  return whole.toString('base64').slice(Math.ceil((before * 8) / 6), settled);
}
