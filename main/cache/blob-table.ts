import { randomInt } from 'node:crypto';
import type { BlobFound, BlobsFound } from './cache-snapshot.ts';

/** Rows of one piece of the table: pieces are added, never copied. */
const pieceRows = 1024;
/** A SHA-256 as 32-bit words. */
const digestWords = 8;
const smallestIndex = 1024;

interface Piece {
  readonly digests: Uint32Array;
  /** Size and disk space of each row, in bytes. */
  readonly bytes: Float64Array;
  /** Last read and last change of each row, in seconds. */
  readonly times: Float64Array;
}

/**
 * The stored blobs of a listing, by digest (hex): 64 bytes each and 8 to 16 of index, a third or so of what a Map
 * of strings and objects is reckoned to take, so that a million of them fits. The index is hashed with a number that nobody knows, so that no server can choose digests that collide.
 */
export class BlobTable implements BlobsFound {
  readonly #pieces: Piece[] = [];
  readonly #seed = randomInt(2 ** 32);
  readonly #wanted = new Uint32Array(digestWords);
  readonly #wantedBytes = Buffer.from(this.#wanted.buffer);
  #size = 0;
  /** Row numbers plus one, by hash; open addressing, at most half full. */
  #index = new Uint32Array(smallestIndex);

  get size(): number {
    return this.#size;
  }

  has(hex: string): boolean {
    return this.#find(hex) !== undefined;
  }

  get(hex: string): BlobFound | undefined {
    const row = this.#find(hex);
    return row === undefined ? undefined : this.#blob(row);
  }

  /** Takes a blob in, in place of what was known of it. The digest is 64 lower-case hex digits, as the caller has checked. */
  set(hex: string, { size, disk, readAt, changedAt }: BlobFound): void {
    const row = this.#find(hex) ?? this.#append();
    const { bytes, times } = this.#piece(row);
    const at = (row % pieceRows) * 2;
    bytes[at] = size;
    bytes[at + 1] = disk;
    times[at] = readAt;
    times[at + 1] = changedAt;
  }

  *values(): IterableIterator<BlobFound> {
    for (let row = 0; row < this.#size; row += 1) yield this.#blob(row);
  }

  *[Symbol.iterator](): IterableIterator<[string, BlobFound]> {
    for (let row = 0; row < this.#size; row += 1) {
      const { digests } = this.#piece(row);
      const start = (row % pieceRows) * digestWords * 4;
      yield [Buffer.from(digests.buffer, start, digestWords * 4).toString('hex'), this.#blob(row)];
    }
  }

  /** The row of a digest, which is the wanted one afterwards. */
  #find(hex: string): number | undefined {
    if (this.#wantedBytes.write(hex, 0, 'hex') !== digestWords * 4 || hex.length !== digestWords * 8) return undefined;
    const row = this.#index[this.#slot(this.#wanted, 0)] ?? 0;
    return row === 0 ? undefined : row - 1;
  }

  /** A new row for the wanted digest. */
  #append(): number {
    const row = this.#size;
    if (row % pieceRows === 0) {
      this.#pieces.push({
        digests: new Uint32Array(pieceRows * digestWords),
        bytes: new Float64Array(pieceRows * 2),
        times: new Float64Array(pieceRows * 2),
      });
    }
    this.#piece(row).digests.set(this.#wanted, (row % pieceRows) * digestWords);
    this.#size += 1;
    if (this.#size * 2 > this.#index.length) this.#grow();
    else this.#index[this.#slot(this.#wanted, 0)] = row + 1;
    return row;
  }

  #grow(): void {
    this.#index = new Uint32Array(this.#index.length * 2);
    for (let row = 0; row < this.#size; row += 1) {
      this.#index[this.#slot(this.#piece(row).digests, (row % pieceRows) * digestWords)] = row + 1;
    }
  }

  /** Where in the index the digest at `start` is, or would be. */
  #slot(digests: Uint32Array, start: number): number {
    let hash = this.#seed;
    for (let word = 0; word < digestWords; word += 1) {
      hash = Math.imul(hash ^ (digests[start + word] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const mask = this.#index.length - 1;
    let slot = hash & mask;
    for (let row = this.#index[slot] ?? 0; row !== 0; row = this.#index[slot] ?? 0) {
      const known = this.#piece(row - 1).digests;
      const at = ((row - 1) % pieceRows) * digestWords;
      let word = 0;
      while (word < digestWords && known[at + word] === digests[start + word]) word += 1;
      if (word === digestWords) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #piece(row: number): Piece {
    const piece = this.#pieces[Math.floor(row / pieceRows)];
    if (piece === undefined) throw new Error(`no row ${row}`);
    return piece;
  }

  #blob(row: number): BlobFound {
    const { bytes, times } = this.#piece(row);
    const at = (row % pieceRows) * 2;
    return { size: bytes[at] ?? 0, disk: bytes[at + 1] ?? 0, readAt: times[at] ?? 0, changedAt: times[at + 1] ?? 0 };
  }
}
