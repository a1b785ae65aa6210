import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const figures = z.object({
  blobs: z.number(),
  images: z.number(),
  platforms: z.array(z.string()),
  victims: z.number(),
  listMs: z.number(),
  listBytes: z.number(),
  bothBytes: z.number(),
});

/** How the core is started for long: small young generations, or V8 keeps some 70 MB of garbage for later (measured). */
const startFlags = z
  .object({ scripts: z.object({ start: z.string() }) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')))
  .scripts.start.split(' ')
  .filter((word) => word.startsWith('--'));

it('lists a cache of 100,000 blobs with less than 150 MB more memory, and plans its pruning', async () => {
  const core = join(import.meta.dirname, 'cache-many-core.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...startFlags, core, '100000'], { timeout: 110_000 });
  const measured = figures.parse(JSON.parse(stdout));
  process.stdout.write(`${stdout}\n`);
  expect(measured.blobs).toBeGreaterThanOrEqual(100_000);
  expect(measured).toMatchObject({ platforms: ['linux/amd64'] });
  expect(measured.victims).toBeGreaterThan(measured.images / 4);
  expect(measured.listBytes).toBeLessThan(150_000_000);
  expect(measured.bothBytes).toBeLessThan(250_000_000);
}, 120_000);
