import { writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { openTab } from './browser.ts';
import { openStage, showScene } from './open-stage.ts';
import { firstPaint, RealCore } from './real-core.ts';
import { scenes } from './scenes.ts';

/**
 * When the pages first show something, and how smoothly the largest of them scroll: a wheel turns for four seconds over the table, and the browser's own tracing says how much processor
 * time each task of the page's thread took. That counts the page's work alone, however busy this computer is. At 60 frames a second there
 * are 16.7 ms for one; a task that needs longer costs as many frames as it goes beyond. Beside it a page of plain text, scrolled the same
 * way. Printed, and written as JSON where `--json FILE` asks.
 */
interface Smoothness {
  readonly name: string;
  /** Of the frames that 60 a second would be, those for which the page's thread had the time. Percent. */
  readonly keptPercent: number;
  /** The longest task, and what 99 of 100 keep, in ms of processor time. */
  readonly longestMs: number;
  readonly p99Ms: number;
  /** How much of a processor the page's thread used. Percent. */
  readonly busyPercent: number;
  /** The frames that came on this computer as it was, by the page's own clock. */
  readonly framesSeen: number;
  /** Of them, those in which a part of the table's sight had no row yet. */
  readonly framesWithGap: number;
}

const frameMs = 1000 / 60;
const scrollMs = 4000;
const round = (value: number): number => Math.round(value * 10) / 10;

/** The parts of Chromium's trace format that are read; `tdur` is processor time in µs. */
const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      tdur: z.number().optional(),
      args: z.object({ name: z.unknown() }).partial().optional(),
    }),
  ),
});

/** The tasks of the page's own thread, ms of processor time each. */
function tasksOf(trace: Buffer): number[] {
  const { traceEvents } = traceSchema.parse(JSON.parse(trace.toString('utf8')));
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const tasks = traceEvents.filter(({ name }) => name === 'RunTask');
  // Of several pages' threads the one that worked most is the one that was scrolled.
  const byThread = threads.map(({ pid, tid }) =>
    tasks.filter((task) => task.pid === pid && task.tid === tid).map(({ tdur = 0 }) => tdur / 1000),
  );
  const sum = (times: readonly number[]): number => times.reduce((all, each) => all + each, 0);
  return byThread.toSorted((a, b) => sum(b) - sum(a))[0] ?? [];
}

/** Turns the wheel over the point, down and up again, and counts. */
async function scroll(browser: Browser, page: Page, name: string, x: number, y: number): Promise<Smoothness> {
  await page.mouse.move(x, y);
  await page.evaluate(() => {
    const seen = { frames: 0, withGap: 0 };
    Object.assign(window, { seen });
    const grid = document.querySelector('[role="grid"]');
    /** Whether the rows that are there do not fill what is seen of the table; asked when a frame is about to be painted. */
    const hasGap = (): boolean => {
      const rows = [...(grid?.querySelectorAll('[role="row"]:not([aria-rowindex="1"])') ?? [])];
      if (!grid || rows.length === 0) return false;
      const sight = grid.getBoundingClientRect();
      const boxes = rows.map((row) => row.getBoundingClientRect());
      const header = grid.querySelector('[role="row"]')?.getBoundingClientRect().bottom ?? sight.top;
      const top = Math.min(...boxes.map((box) => box.top));
      const bottom = Math.max(...boxes.map((box) => box.bottom));
      return top > header + 2 || bottom < sight.bottom - 2;
    };
    const frame = (): void => {
      seen.frames += 1;
      if (hasGap()) seen.withGap += 1;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  const began = Date.now();
  for (let turn = 0; Date.now() < began + scrollMs; turn += 1) {
    await page.mouse.wheel(0, turn % 60 < 45 ? 120 : -240);
    await page.waitForTimeout(frameMs);
  }
  const took = Date.now() - began;
  const tasks = tasksOf(await browser.stopTracing()).sort((a, b) => a - b);
  if (tasks.length < 50) throw new Error(`${name}: only ${tasks.length} tasks were traced; nothing can be said`);
  const seen = await page.evaluate(() => (window as unknown as { seen: { frames: number; withGap: number } }).seen);
  const frames = took / frameMs;
  const lost = tasks.reduce((sum, task) => sum + Math.max(0, Math.ceil(task / frameMs) - 1), 0);
  return {
    name,
    keptPercent: round(100 * (1 - lost / frames)),
    longestMs: round(tasks.at(-1) ?? 0),
    p99Ms: round(tasks[Math.floor((tasks.length - 1) * 0.99)] ?? 0),
    busyPercent: round((100 * tasks.reduce((sum, task) => sum + task, 0)) / took),
    framesSeen: seen.frames,
    framesWithGap: seen.withGap,
  };
}

/** When the real core's pages show something, ms: the first visit and four reloads. */
async function paints(browser: Browser): Promise<number[]> {
  const core = new RealCore();
  try {
    const { page, context } = await openTab(browser);
    await page.goto(await core.start());
    const times = [await firstPaint(page)];
    for (let again = 0; again < 4; again += 1) {
      await page.reload();
      times.push(await firstPaint(page));
    }
    await context.close();
    return times.map(round);
  } finally {
    await core.forget();
  }
}

const stage = await openStage();
let firstPaintMs: number[] = [];
const measured: Smoothness[] = [];
try {
  firstPaintMs = await paints(stage.browser);
  const plain = await openTab(stage.browser);
  await plain.page.setContent(`<main>${'<p>A line of plain text.</p>'.repeat(2000)}</main>`);
  measured.push(await scroll(stage.browser, plain.page, 'plain text', 600, 400));
  await plain.context.close();
  for (const [page, name, what] of [
    ['fleet', 'hundred-live', '100 nodes × 10 mirrors with news'],
    ['cache', 'ten-thousand', '10,000 images'],
  ] as const) {
    const scene = scenes.find((each) => each.page === page && each.scene === name);
    if (!scene) throw new Error(`no scene ${page} ${name}`);
    const tab = await openTab(stage.browser);
    await showScene(tab.page, stage.address, scene);
    const table = tab.page.getByRole('grid', { name: page === 'cache' ? 'Images' : 'Fleet', exact: true });
    await table.scrollIntoViewIfNeeded();
    const box = await table.boundingBox();
    if (!box) throw new Error(`${page} ${name} shows no table`);
    const before = await table.getByRole('row').nth(1).innerText();
    measured.push(await scroll(stage.browser, tab.page, what, box.x + box.width / 2, Math.min(box.y + 200, 700)));
    if ((await table.getByRole('row').nth(1).innerText()) === before)
      throw new Error(`${what}: the table did not move`);
    await tab.context.close();
  }
} finally {
  await stage.close();
}
console.log(`first paint after ${firstPaintMs.join(', ')} ms`);
for (const each of measured)
  console.log(
    `${each.name}: time for ${each.keptPercent} % of 60 frames a second; longest task ${each.longestMs} ms, 99 of 100 within ${each.p99Ms} ms, thread busy ${each.busyPercent} %; ${each.framesSeen} frames came in 4 s here, ${each.framesWithGap} of them with a gap in the table`,
  );
const file = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : undefined;
if (file !== undefined) writeFileSync(file, `${JSON.stringify({ firstPaintMs, smoothness: measured }, null, 2)}\n`);
