import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** The system's own browser: nothing is downloaded. */
const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A browser without a window. `executable` may be a program that starts Chromium somewhere else (another network). */
export function launchBrowser(executable = chromiumPath): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--hide-scrollbars'],
  });
}

/** A tab like a person's, except that nothing moves, and everything it complains of is put into `complaints`. */
export async function openTab(
  browser: Browser,
  complaints: string[] = [],
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Asia/Tokyo',
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return { page, context };
}
