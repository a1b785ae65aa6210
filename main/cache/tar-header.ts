import { largestManifest } from './cache-snapshot.ts';
import { invalid } from './listing-problems.ts';

/** Tar archives consist of blocks of so many bytes; contents are padded to them. */
export const tarBlock = 512;

/**
 * Reads the header of one file in an archive of manifests: its digest (hex) and length. Undefined for the empty block that ends an
 * archive; anything but a plain `sha256/<2 hex>/<hex>/data` of a manifest's size is refused.
 */
export function readTarHeader(block: Buffer): { readonly hex: string; readonly size: number } | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const field = (from: number, length: number): string => {
    const text = block.toString('latin1', from, from + length);
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  };
  const hex = /^sha256\/([0-9a-f]{2})\/(\1[0-9a-f]{62})\/data$/.exec(field(0, 100))?.[2];
  const size = field(124, 12).trim();
  const kind = block[156];
  if (hex === undefined || !/^[0-7]{1,11}$/.test(size) || !(kind === 0 || kind === 0x30)) {
    return invalid('its archive is damaged');
  }
  const bytes = Number.parseInt(size, 8);
  if (bytes > largestManifest) invalid('its archive holds a file that is too big');
  return { hex, size: bytes };
}
