import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { DesktopApp, startAgain } from './desktop-app.ts';
import { Session } from './session.ts';
import { appProcesses } from './stand.ts';

/** A desktop that shows no trays, as GNOME does without an extension: nobody may be left with an app that cannot be seen. */
const home = 'story-no-panel';

let lab: Lab;
let laptop: Machine;
let session: Session;
let app: DesktopApp;

beforeAll(async () => {
  lab = await attachLab();
  laptop = await lab.machine('laptop');
});

afterEach(async () => {
  await app.end();
  await session.end();
});

afterAll(() => laptop.exec(['rm', '-rf', `/home/dev/${home}`]));

async function start(args: readonly string[] = []): Promise<void> {
  session = await Session.start(laptop, { panel: false });
  app = await DesktopApp.start(lab, session, { home, args });
}

test('the window explains that there is no tray, and closing it ends the app and its core', async () => {
  await start();
  const page = await app.window();
  await page.getByText('This desktop shows no tray icons').waitFor();
  await page.getByText('Core connected').waitFor();
  await session.screenshot('test/artefacts/desktop/window-no-panel.png');
  await app.closeWindow();
  await app.ended();
  await expect.poll(() => appProcesses(laptop)).toEqual([]);
});

test('after a hidden start, which nothing shows, a second start finds the window', async () => {
  await start(['--hidden']);
  const again = startAgain(laptop, session, { home });
  await once(again, 'close');
  await expect.poll(() => app.windowIsSeen()).toBe(true);
});

test('a panel that appears later gets the tray, and the window then stays behind when it is closed', async () => {
  await start();
  const page = await app.window();
  await page.getByText('This desktop shows no tray icons').waitFor();
  await session.bus.setPanel(true);
  await expect.poll(() => app.tray.appears()).toBe(true);
  await page.getByText('This desktop shows no tray icons').waitFor({ state: 'detached' });
  await app.closeWindow();
  await expect.poll(() => app.windowIsSeen()).toBe(false);
  expect(app.runs).toBe(true);
});
