import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Lab } from '../lab/lab.ts';
import { catalogue } from '../lab/catalogue.ts';
import { machinePid } from '../lab/machine-boot.ts';
import { quoteCommand } from '../../main/hosts/shell-quote.ts';
import { launchBrowser } from '../pages/browser.ts';

/** A Chromium that sits at the laptop: in its network, so that the laptop's loopback is its own. `options` are more of its own. */
export function browserAtLaptop(lab: Lab, options: readonly string[] = []): Promise<Browser> {
  const program = join(mkdtempSync(join(lab.state.dir, 'chromium-')), 'chromium');
  const pid = machinePid(lab.state, catalogue.laptop);
  writeFileSync(
    program,
    `#!/bin/sh\nexec nsenter --target ${pid} --net /usr/bin/chromium ${quoteCommand(options)} "$@"\n`,
  );
  chmodSync(program, 0o755);
  return launchBrowser(program);
}

const hasFocus = async (page: Page, wanted: Locator): Promise<boolean> =>
  (await wanted.and(page.locator(':focus')).count()) > 0;

/** A person who has no mouse: goes on by Tab until the focus is where it is wanted, as often as a page has stops. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let stop = 0; stop < 120; stop += 1) {
    if (await hasFocus(page, wanted)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${wanted.toString()}`);
}

/** Goes down an opened menu until the focus is where it is wanted. */
export async function arrowTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let step = 0; step < 30; step += 1) {
    if (await hasFocus(page, wanted)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`no arrow leads to ${wanted.toString()}`);
}

/** Goes to a button by Tab and presses it, once it can be pressed. */
export async function pressByKey(page: Page, name: string | RegExp, timeout = 30_000): Promise<void> {
  const button = page.getByRole('button', { name, exact: true, disabled: false });
  await button.waitFor({ timeout });
  await tabTo(page, button);
  await page.keyboard.press('Enter');
}

const titles = { 1: 'Fleet', 2: 'Runtimes', 3: 'Cache', 4: 'Activity', 5: 'Settings' } as const;

/** Leaves whatever has the focus and goes to a page by its number; until it is there, the one before may show buttons of the same names. */
export async function goTo(page: Page, number: keyof typeof titles): Promise<void> {
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press(`${number}`);
  await page.getByRole('heading', { level: 1, name: titles[number], exact: true }).waitFor();
}

/** The one address that a `serve` printed. */
export function addressIn(said: string): string {
  const [address, ...more] = said.match(/http:\/\/127\.0\.0\.1:\S+(?=\s)/g) ?? [];
  if (address === undefined || more.length > 0) throw new Error(`not one address:\n${said}`);
  return address;
}
