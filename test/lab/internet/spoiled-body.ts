import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';

/** The body as the fault lets it through; unchanged without one. */
export function spoiledBody(body: AsyncIterable<Buffer>, fault: Fault | undefined): AsyncIterable<Buffer> {
  if (fault?.kind === 'cut') return firstBytes(body, fault.afterBytes);
  if (fault?.kind === 'slow') return slowly(body, fault.bytesPerSecond);
  if (fault?.kind === 'wrong bytes') return withFirstByteChanged(body);
  return body;
}

async function* firstBytes(body: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let left = limit;
  for await (const chunk of body) {
    if (left <= 0) return;
    yield chunk.subarray(0, left);
    left -= chunk.length;
  }
}

async function* slowly(body: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const piece = Math.max(1, Math.ceil(bytesPerSecond / 10));
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; start += piece) {
      const part = chunk.subarray(start, start + piece);
      yield part;
      await sleep((part.length / bytesPerSecond) * 1000);
    }
  }
}

async function* withFirstByteChanged(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of body) {
    if (!first) {
      yield chunk;
      continue;
    }
    first = false;
    const changed = Buffer.from(chunk);
    changed.writeUInt8(changed.readUInt8(0) ^ 1, 0);
    yield changed;
  }
}
