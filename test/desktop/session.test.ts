import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab } from '../lab/lab.ts';
import { bareApp } from './app-folder.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session } from './session.ts';

/** What the stories stand on, shown with an app that does nothing: a person's session, a panel, and Electron as it is on any desktop. */
let lab: Lab;
let session: Session;
let app: DesktopApp;

beforeAll(async () => {
  lab = await attachLab();
  session = await Session.start(await lab.machine('laptop'));
  app = await DesktopApp.start(lab, session, { home: 'story-bare', program: await bareApp() });
});

afterAll(async () => {
  await app.end();
  await session.end();
});

test('an app’s tray has its place in the panel, and its menu can be read', async () => {
  await expect.poll(() => app.tray.appears()).toBe(true);
  const seen = await app.tray.see();
  expect(seen).toMatchObject({ header: 'Nothing is known', lines: ['─', 'Open bare', 'Quit'] });
});

test('a click on a line of the menu opens the window, in Chromium’s own sandbox', async () => {
  await app.tray.click('Open');
  const page = await app.window();
  await page.getByRole('heading', { name: 'Bare' }).waitFor();
  await session.screenshot('test/artefacts/desktop/bare.png');
  const laptop = await lab.machine('laptop');
  // Seccomp 2: the page's process may only call what Chromium's filter lets through.
  const pages = 'for p in $(pgrep -u dev -f -- --type=renderer); do grep Seccomp: /proc/$p/status; done';
  expect((await laptop.mustExec(['sh', '-c', pages])).trim().split('\n')).toContain('Seccomp:\t2');
});

test('a click on Quit ends it, and its place is empty', async () => {
  await app.tray.click('Quit');
  await app.ended();
  await expect.poll(() => app.tray.appears()).toBe(false);
});
