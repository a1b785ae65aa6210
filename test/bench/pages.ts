import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const measuredSchema = z.object({
  firstPaintMs: z.array(z.number()),
  smoothness: z.array(
    z.object({
      name: z.string(),
      keptPercent: z.number(),
      p99Ms: z.number(),
      framesSeen: z.number(),
      framesWithGap: z.number(),
    }),
  ),
});

/** What `test/pages/frames.ts` measures in a real Chromium: when pages show something, and how smoothly the largest scroll. */
export function measurePages(): z.infer<typeof measuredSchema> {
  const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-frames-'));
  const file = join(folder, 'frames.json');
  try {
    const program = resolve(import.meta.dirname, '../pages/frames.ts');
    const { status } = spawnSync(process.execPath, [program, '--json', file], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${program} ended with ${status}`);
    return measuredSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
