import { createCipheriv, createHash } from 'node:crypto';

/** `size` bytes that no compressor shrinks and that are the same for the same `seed` everywhere; 1 GB/s. */
export function incompressibleBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
