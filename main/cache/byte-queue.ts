/** Bytes that arrived and were not read yet. Reading is all or nothing: what is not complete stays for the next chunk. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next `count` bytes, or undefined while fewer are here. */
  take(count: number): Buffer | undefined {
    if (this.#length < count) return undefined;
    const head = this.#chunks[0];
    if (head !== undefined && head.length - this.#start < count) this.#join();
    const bytes = (this.#chunks[0] ?? new Uint8Array()).subarray(this.#start, this.#start + count);
    this.#advance(count);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The bytes up to the next newline, which is dropped; undefined while there is none. */
  takeLine(): Buffer | undefined {
    let head = this.#chunks[0];
    if (head === undefined) return undefined;
    let at = head.indexOf(10, this.#start);
    if (at < 0 && this.#chunks.length > 1) {
      this.#join();
      head = this.#chunks[0] ?? head;
      at = head.indexOf(10, this.#start);
    }
    if (at < 0) return undefined;
    const line = this.take(at - this.#start);
    this.#advance(1);
    return line;
  }

  /** Drops leading zero bytes and shows the byte after them; undefined while there is none. */
  afterZeros(): number | undefined {
    while (this.#length > 0 && this.#chunks[0]?.[this.#start] === 0) this.#advance(1);
    return this.#chunks[0]?.[this.#start];
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks).subarray(this.#start)];
    this.#start = 0;
  }

  #advance(count: number): void {
    this.#start += count;
    this.#length -= count;
    if (this.#start >= (this.#chunks[0]?.length ?? 0)) {
      this.#chunks.shift();
      this.#start = 0;
    }
  }
}
