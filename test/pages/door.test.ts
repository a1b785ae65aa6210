import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openTab } from './browser.ts';
import { firstPaint, RealCore } from './real-core.ts';

const core = new RealCore();
let browser: Browser;
let opened: Promise<string>;

beforeAll(async () => {
  opened = core.start();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await core.forget();
});

test('one address opens the pages of the real core, without a complaint of the browser, painted within a second', async () => {
  const address = await opened;
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
  await late.page.getByText('npm run start:browser').first().waitFor();
  await late.context.close();
});

test('dialogs and the palette keep to the policy for styles and scripts too', async () => {
  const complaints: string[] = [];
  const { page, context } = await openTab(browser, complaints);
  await page.goto(await core.another());
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
  await page.goto(await core.another());
  await page.getByRole('main').waitFor();
  await core.end();
  await page.getByRole('alert').or(page.getByRole('status')).filter({ visible: true }).first().waitFor();
  await page.goto(await core.start());
  await page.getByRole('main').waitFor();
  await context.close();
});
