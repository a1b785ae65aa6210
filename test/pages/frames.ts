import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { openStage, showScene } from './open-stage.ts';
import { openTab } from './browser.ts';
import { scenes } from './scenes.ts';

/**
 * How smoothly the largest pages scroll: a wheel turns for four seconds over the table, and the page's own clock says when each frame came.
 * Beside it a page of plain text is scrolled the same way, because this computer may draw slowly whatever is on the page; and the browser
 * says how long its thread was held up by tasks of 50 ms and more. Printed, and written as JSON where `--json FILE` asks.
 */
interface Smoothness {
  readonly name: string;
  /** Time between two frames in ms: the median, and what 95 of 100 keep. At 60 a second it is 16.7. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Tasks that held the page up for 50 ms or more, and for how long together. */
  readonly longTasks: number;
  readonly blockedMs: number;
  readonly frames: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;

/** Turns the wheel over the point for four seconds. */
async function scroll(page: Page, name: string, x: number, y: number): Promise<Smoothness> {
  await page.evaluate(() => {
    const seen = { frames: [] as number[], tasks: [] as number[], on: true };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
    const frame = (time: number): void => {
      seen.frames.push(time);
      if (seen.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.mouse.move(x, y);
  const until = Date.now() + 4000;
  for (let turn = 0; Date.now() < until; turn += 1) {
    await page.mouse.wheel(0, turn % 60 < 45 ? 120 : -240);
    await page.waitForTimeout(16);
  }
  const seen = await page.evaluate(() => {
    const held = (window as unknown as { seen: { frames: number[]; tasks: number[]; on: boolean } }).seen;
    held.on = false;
    return { frames: held.frames, tasks: held.tasks };
  });
  const gaps = seen.frames
    .slice(1)
    .map((time, index) => time - (seen.frames[index] ?? time))
    .sort((a, b) => a - b);
  return {
    name,
    medianMs: round(at(gaps, 0.5)),
    p95Ms: round(at(gaps, 0.95)),
    longTasks: seen.tasks.length,
    blockedMs: round(seen.tasks.reduce((sum, each) => sum + each, 0)),
    frames: seen.frames.length,
  };
}

const stage = await openStage();
const measured: Smoothness[] = [];
try {
  for (const [page, name] of [
    ['fleet', 'hundred-live'],
    ['cache', 'ten-thousand'],
  ] as const) {
    const scene = scenes.find((each) => each.page === page && each.scene === name);
    if (!scene) throw new Error(`no scene ${page} ${name}`);
    const plain = await openTab(stage.browser);
    await plain.page.setContent(`<main>${'<p>A line of plain text.</p>'.repeat(2000)}</main>`);
    measured.push(await scroll(plain.page, 'plain text', 600, 400));
    await plain.context.close();
    const tab = await openTab(stage.browser);
    await showScene(tab.page, stage.address, scene);
    const table = tab.page.getByRole('grid').first();
    await table.scrollIntoViewIfNeeded();
    const box = await table.boundingBox();
    if (!box) throw new Error(`${page} ${name} shows no table`);
    const moved = () =>
      table.evaluate((grid) => [grid, ...grid.querySelectorAll('*')].some((each) => each.scrollTop > 0));
    measured.push(
      await scroll(tab.page, `${page} ${name}`, box.x + box.width / 2, box.y + Math.min(box.height / 2, 300)),
    );
    if (!(await moved()) && (await tab.page.evaluate(() => document.scrollingElement?.scrollTop ?? 0)) === 0)
      console.log(`  (${page} ${name}: the table itself did not move; the page around it may have)`);
    await tab.context.close();
  }
} finally {
  await stage.close();
}
for (const each of measured)
  console.log(
    `${each.name}: a frame every ${each.medianMs} ms (95 % within ${each.p95Ms} ms, ${each.frames} frames); ${each.longTasks} long tasks, ${each.blockedMs} ms`,
  );
const file = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;
if (file !== undefined) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
