import type { Browser, Page } from 'playwright-core';
import { build, preview } from 'vite';
import { launchBrowser, openTab } from './browser.ts';
import type { Scene } from './scenes.ts';

/** The moment at which all pictures are taken. */
const moment = new Date('2026-11-27T09:41:00Z');

export interface Dress {
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'zh-CN';
  readonly width: number;
}

/** The stage, built and served on a loopback port, and a browser to look at it with. */
export interface OpenStage {
  readonly address: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function openStage(): Promise<OpenStage> {
  const configFile = new URL('vite.config.ts', import.meta.url).pathname;
  const [browser] = await Promise.all([launchBrowser(), build({ configFile })]);
  const server = await preview({ configFile, preview: { host: '127.0.0.1', port: 0, strictPort: false } });
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error('The stage is not served on any address.');
  return {
    address,
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** A tab at the one moment of all pictures. */
export async function openStageTab(browser: Browser, complaints: string[]): Promise<Page> {
  const { page } = await openTab(browser, complaints);
  await page.clock.setFixedTime(moment);
  return page;
}

/** Loads a scene from nothing. */
export async function showScene(page: Page, address: string, { page: name, scene, hash, act }: Scene): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${address}?page=${name}&scene=${scene}${hash}`);
  // Some of a page is code of its own, which it asks for once it is there: the chart.
  await page.waitForLoadState('networkidle');
  await settle(page);
  if (act) {
    // What a person clicks is named in English; a tab remembers what the scene before it spoke.
    await page.evaluate(() => window.stage.language('en'));
    await act(page);
    await settle(page);
  }
}

/** Changes what the same page wears, without loading it again. */
export async function dress(page: Page, { theme, language, width }: Dress): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(
    (wanted) => {
      window.stage.theme(wanted.theme);
      window.stage.language(wanted.language);
    },
    { theme, language },
  );
  await settle(page);
}

/** Until nothing in the page has changed for 80 ms (at most 3 s), and its fonts are there. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise<void>((resolve) => {
      const quiet = (): number => window.setTimeout(finish, 80);
      let timer = quiet();
      const latest = window.setTimeout(finish, 3000);
      const watcher = new MutationObserver(() => {
        window.clearTimeout(timer);
        timer = quiet();
      });
      watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      function finish(): void {
        watcher.disconnect();
        window.clearTimeout(timer);
        window.clearTimeout(latest);
        requestAnimationFrame(() => resolve());
      }
    });
  });
}
