import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlatforms } from '../../../main/cache/read-platforms.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import type { Host } from '../../../main/hosts/host.ts';
import { hexOf } from './cache-model.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mirrorfleet-platforms-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** This computer as whoever runs the tests: what is read here is theirs. */
function plainHost(): Host {
  const host = localHost();
  return Object.assign(Object.create(host) as Host, {
    run: (command: Parameters<Host['run']>[0]) => host.run({ ...command, elevated: false }),
  });
}

function blobPath(hex: string): string {
  const folder = join(base, 'data/blobs/sha256', hex.slice(0, 2), hex);
  mkdirSync(folder, { recursive: true });
  return join(folder, 'data');
}

describe('the platforms that configurations name', () => {
  const arm = hexOf('arm');
  const wasm = hexOf('no platform');
  const amd = hexOf('amd');

  it('are read one after the other; what is not there or says nothing is left out', async () => {
    writeFileSync(blobPath(arm), '{"os":"linux","architecture":"arm64","variant":"v8"}');
    writeFileSync(blobPath(wasm), 'no JSON\n');
    writeFileSync(blobPath(amd), '{"os":"linux","architecture":"amd64"}');
    const found = await readPlatforms(plainHost(), { name: 'tokyo', base }, [arm, hexOf('gone'), wasm, amd]);
    expect([...found]).toEqual([
      [arm, 'linux/arm64/v8'],
      [amd, 'linux/amd64'],
    ]);
  });

  it('are those before a file that cannot be read, which is no reason to list nothing', async () => {
    writeFileSync(blobPath(arm), '{"os":"linux","architecture":"arm64"}');
    // Has a size and gives no bytes, as a file that a prune takes away between the two, or one on a damaged sector.
    mkdirSync(blobPath(amd));
    const found = await readPlatforms(plainHost(), { name: 'tokyo', base }, [arm, amd]);
    expect([...found]).toEqual([[arm, 'linux/arm64']]);
  });
});
