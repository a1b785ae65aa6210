import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, openStageTab, type OpenStage, showScene } from './open-stage.ts';
import { scenes } from './scenes.ts';

let stage: OpenStage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function open(name: string, scene: string): Promise<Page> {
  const found = scenes.find((each) => each.page === name && each.scene === scene);
  if (!found) throw new Error(`no scene ${name} ${scene}`);
  const page = await openStageTab(stage.browser, []);
  const { act: _nobody, ...untouched } = found;
  await showScene(page, stage.address, untouched);
  return page;
}

/** What a person who cannot see the page hears of the place where the keyboard is. */
const heard = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const place = document.activeElement;
    const labels = place instanceof HTMLInputElement ? [...(place.labels ?? [])] : [];
    return place?.getAttribute('aria-label') ?? labels[0]?.textContent ?? place?.textContent ?? '';
  });

/** Goes on with the Tab key until the place is called that. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    const place = await heard(page);
    if (name.test(place)) return;
    passed.push(place.slice(0, 40));
    await page.keyboard.press('Tab');
  }
  throw new Error(`The Tab key never came to ${String(name)}: ${passed.join(' | ')}`);
}

test('a node is added by keyboard alone, and the keyboard is always where the next thing is to be done', async () => {
  const page = await open('add', 'one');
  await tabTo(page, /^Host$/);
  await page.keyboard.type('vps-2');
  await page.keyboard.press('Escape');
  await tabTo(page, /^Connect and check$/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'trust it' }).waitFor();
  await tabTo(page, /trust it$/);
  await page.keyboard.press('Enter');
  await page.getByText('Nothing stands in the way').waitFor();
  await tabTo(page, /^See the plan$/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Apply to vps-2' }).waitFor();
  expect(await heard(page)).toBe('The plan');
  await tabTo(page, /^Apply to vps-2$/);
  await page.keyboard.press('Enter');
  await page.getByText('vps-2 serves').waitFor();
  await tabTo(page, /^Switch this computer to vps-2$/);
});

test('an engine is switched by keyboard alone, and the keyboard is back at its route in the end', async () => {
  const page = await open('runtimes', 'before-a-switch');
  await tabTo(page, /^Route of Docker$/);
  await page.keyboard.press('o');
  await page.getByRole('button', { name: 'Switch Docker to osaka' }).waitFor();
  await tabTo(page, /^Switch Docker to osaka$/);
  await page.keyboard.press('Enter');
  await expect.poll(() => heard(page)).toBe('Route of Docker');
});

test('in the table of the fleet the arrow keys show what a figure is, Escape puts it away, and Enter on a node that is down looks for the cause', async () => {
  const page = await open('fleet', 'down');
  const table = page.getByRole('grid');
  await table.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const reached = await table.getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${reached}"]`).textContent()).toContain('Diagnose');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/fleet\/tokyo\?show=diagnosis$/);

  const two = await open('fleet', 'degraded');
  await two.getByRole('grid').focus();
  await two.keyboard.press('ArrowRight');
  await two.keyboard.press('ArrowRight');
  const hint = two.getByRole('tooltip');
  await hint.waitFor();
  await two.keyboard.press('Escape');
  await hint.waitFor({ state: 'detached' });
  await two.keyboard.press('ArrowRight');
  await hint.waitFor();
});

test('one step up from the first row are the headers: they say what their figures are, and Enter sorts by them', async () => {
  const page = await open('fleet', 'degraded');
  const table = page.getByRole('grid');
  await table.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp']) await page.keyboard.press(key);
  await page.getByRole('tooltip').waitFor();
  const reached = page.locator(`[id="${await table.getAttribute('aria-activedescendant')}"]`);
  expect(await reached.getAttribute('role')).toBe('columnheader');
  await page.keyboard.press('Enter');
  expect(await reached.getAttribute('aria-sort')).toBe('ascending');
  await page.keyboard.press('Enter');
  expect(await reached.getAttribute('aria-sort')).toBe('descending');
  await page.keyboard.press('ArrowDown');
  expect(await page.locator(`[id="${await table.getAttribute('aria-activedescendant')}"]`).getAttribute('role')).toBe(
    'gridcell',
  );
});

test('who types on at once after opening the palette misses no letter, from a page as from a field of it', async () => {
  const page = await open('settings', 'one');
  const palette = page.getByRole('dialog').getByRole('textbox');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('tokyo 1');
  await palette.waitFor();
  expect(await palette.inputValue()).toBe('tokyo 1');
  expect(page.url()).toContain('#/settings');
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });

  const field = page.getByRole('textbox', { name: 'Search settings' });
  await field.fill('key');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('osaka');
  await palette.waitFor();
  expect([await palette.inputValue(), await field.inputValue()]).toEqual(['osaka', 'key']);
  await page.keyboard.type('!');
  expect(await palette.inputValue()).toBe('osaka!');
});

test.each([
  ['no-tray', 'the page needs no scrolling'],
  ['no-tray-many', 'the table scrolls in what is left'],
])('below a line that stands above every page (%s), %s', async (scene) => {
  const page = await open('desktop', scene);
  const main = page.getByRole('main');
  expect(await main.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
});

test('what a figure of a mirror is can be reached by the Tab key, and Escape puts it away', async () => {
  const page = await open('mirror', 'one');
  const figure = page.getByRole('note').first();
  await figure.focus();
  await page.getByRole('tooltip').waitFor();
  const explained = await figure.getAttribute('aria-describedby');
  expect(await page.locator(`[id="${explained}"]`).textContent()).not.toBe('');
  await page.keyboard.press('Escape');
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
});

test('an entry too old for the first page of the journal opens by its address, above the newer ones', async () => {
  const page = await open('activity', 'old-entry');
  const opened = page.getByRole('main').getByRole('button', { expanded: true });
  await opened.waitFor();
  const day = await opened.evaluate((line) => line.closest('section')?.querySelector('h2')?.textContent);
  expect(day).toBe(await page.getByRole('heading', { level: 2 }).first().textContent());
});
