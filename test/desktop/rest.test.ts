import { afterAll, beforeAll, expect, test } from 'vitest';
import { restAfterMs } from '../../main/shell/window-rest.ts';
import { attachLab, type Lab } from '../lab/lab.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session } from './session.ts';

/** A window that was put away costs nothing after a minute, and the tray still brings it back. */
let lab: Lab;
let session: Session;
let app: DesktopApp;

beforeAll(async () => {
  lab = await attachLab();
  session = await Session.start(await lab.machine('laptop'));
  app = await DesktopApp.start(lab, session, { home: 'story-rest' });
});

afterAll(async () => {
  await app.end();
  await session.end();
});

/** The processes that draw pages. */
async function pages(): Promise<number> {
  const laptop = await lab.machine('laptop');
  const said = await laptop.mustExec(['sh', '-c', 'pgrep -c -u dev -f -- --type=renderer; true']);
  return Number(said.trim());
}

test('a window that was put away is gone with its page’s process after a minute; the tray stays', async () => {
  const page = await app.window();
  await page.getByText('Core connected').first().waitFor();
  await page.evaluate("window.location.hash = '#/settings'");
  expect(await pages()).toBeGreaterThan(0);
  await app.closeWindow();
  expect(await pages()).toBeGreaterThan(0);
  await expect.poll(pages, { timeout: restAfterMs + 40_000, interval: 1000 }).toBe(0);
  expect(await app.tray.appears()).toBe(true);
  expect(app.runs).toBe(true);
});

test('a click brings another one, where the pages were left', async () => {
  const opened = app.electron.waitForEvent('window');
  await app.tray.click('Open');
  const page = await opened;
  await page.getByText('Core connected').first().waitFor();
  expect(new URL(page.url()).hash).toBe('#/settings');
  await expect.poll(() => app.windowIsSeen()).toBe(true);
});

test('what was begun to be typed keeps the window, and is still there', async () => {
  const page = await app.window();
  await page.evaluate("window.location.hash = '#/add'");
  await page.getByRole('heading', { level: 1, name: 'Add node', exact: true }).waitFor();
  await page.getByRole('textbox').first().click();
  await page.keyboard.type('203.0.113.9');
  await app.closeWindow();
  const asked = app.electron.evaluate(
    ({ BrowserWindow }) =>
      new Promise<boolean>((resolve) =>
        BrowserWindow.getAllWindows()[0]?.webContents.once('will-prevent-unload', () => resolve(true)),
      ),
  );
  expect(await asked).toBe(true);
  expect(await page.getByRole('textbox').first().inputValue()).toBe('203.0.113.9');
});
