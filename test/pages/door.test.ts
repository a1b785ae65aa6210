import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openTab } from './browser.ts';

const checkout = resolve(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'mirrorfleet-browser-'));
let core: ChildProcess;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  core = serve();
});
afterAll(async () => {
  await browser.close();
  await ended(core);
  rmSync(home, { recursive: true });
});

/** `npm start`, with settings of its own. */
function serve(): ChildProcess {
  return spawn(process.execPath, [join(checkout, 'main/serve.ts')], {
    env: { ...process.env, MIRRORFLEET_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The one address that it prints. */
function addressOf(started: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((found, fail) => {
    started.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      const [address, ...more] = said.match(/http:\/\/\S+(?=\s)/g) ?? [];
      if (more.length > 0) fail(new Error(`more than one address:\n${said}`));
      else if (address !== undefined) found(address);
    });
    started.once('close', () => fail(new Error(`no address:\n${said}`)));
  });
}

function ended(process: ChildProcess): Promise<unknown> {
  if (process.exitCode !== null) return Promise.resolve();
  const gone = new Promise((done) => process.once('close', done));
  process.kill('SIGTERM');
  return gone;
}

const anotherAddress = (): Promise<string> => addressOf(serve());
/** When the page first showed something of its own, in ms after its address was opened; React draws all of it at once. */
const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((found) => {
        new PerformanceObserver((list, observer) => {
          const [paint] = list.getEntriesByName('first-contentful-paint');
          if (!paint) return;
          observer.disconnect();
          found(paint.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );

test('one address opens the pages of the real core, without a complaint of the browser, painted within a second', async () => {
  const address = await addressOf(core);
  const complaints: string[] = [];
  const { page, context } = await openTab(browser, complaints);
  await page.goto(address);
  await page.getByRole('main').waitFor();
  expect(page.url()).not.toContain('token');
  expect(
    await page.evaluate(() => `${document.referrer}${document.cookie}${JSON.stringify(localStorage)}`),
  ).not.toMatch(/token|session/);
  const times = [await firstPaint(page)];

  // The tab keeps its session over a reload; the address itself is used up.
  for (let round = 0; round < 4; round += 1) {
    await page.reload();
    await page.getByRole('main').waitFor();
    times.push(await firstPaint(page));
  }
  expect(complaints).toEqual([]);
  console.log(`first paint after ${times.map(Math.round).join(', ')} ms`);
  expect(times.sort((a, b) => a - b)[2]).toBeLessThan(1000);
  await context.close();
  const late = await openTab(browser);
  await late.page.goto(address);
  await late.page.getByText('npm start').first().waitFor();
  await late.context.close();
});

test('dialogs and the palette keep to the policy for styles and scripts too', async () => {
  const complaints: string[] = [];
  const { page, context } = await openTab(browser, complaints);
  await page.goto(await anotherAddress());
  await page.getByRole('main').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  for (const key of ['1', '2', '3', '4', '5']) {
    await page.keyboard.press(key);
    await page.getByRole('main').waitFor();
  }
  expect(complaints).toEqual([]);
  await context.close();
});

test('a core that ends is said on the page, and one that comes back has a new address', async () => {
  const { page, context } = await openTab(browser);
  await page.goto(await anotherAddress());
  await page.getByRole('main').waitFor();
  await ended(core);
  await page.getByRole('alert').or(page.getByRole('status')).filter({ visible: true }).first().waitFor();
  core = serve();
  await page.goto(await addressOf(core));
  await page.getByRole('main').waitFor();
  await context.close();
});
