import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Figure, figure } from './figure.ts';

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

/** When the pages show something, and how smoothly the largest scroll. */
export async function measurePages(): Promise<readonly Figure[]> {
  const { firstPaintMs, smoothness } = frames();
  return [
    figure({ name: 'first paint of the pages', unit: 'ms', ours: firstPaintMs, goal: 1000 }),
    ...smoothness.slice(1).flatMap(({ name, keptPercent, p99Ms, framesSeen, framesWithGap }) => [
      figure({
        name: `frames of 60 a second missed while scrolling ${name}`,
        unit: '%',
        ours: [100 - keptPercent],
        goal: 1,
      }),
      figure({ name: `99 of 100 tasks while scrolling ${name}`, unit: 'ms of processor', ours: [p99Ms], goal: 16.7 }),
      figure({
        name: `frames with rows not drawn yet while scrolling ${name}`,
        unit: '%',
        ours: [(100 * framesWithGap) / framesSeen],
        goal: 1,
      }),
    ]),
  ];
}

/** What `test/pages/frames.ts` measures in a real Chromium. */
function frames(): z.infer<typeof measuredSchema> {
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
