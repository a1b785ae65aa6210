import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab } from '../lab/lab.ts';
import { utilityCore } from './app-folder.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session } from './session.ts';

/** The way of the package: the core as Electron's utility process, spoken to by a port of the window's own. The core is a small one (utility-core.ts). */
let lab: Lab;
let session: Session;
let app: DesktopApp;

beforeAll(async () => {
  lab = await attachLab();
  session = await Session.start(await lab.machine('laptop'));
  const env = { MIRRORFLEET_NODE: '', MIRRORFLEET_CORE: await utilityCore() };
  app = await DesktopApp.start(lab, session, { home: 'story-utility', env });
});

afterAll(async () => {
  await app.end();
  await session.end();
});

test('the window speaks with a utility process by a port of its own, and the shell by the socket', async () => {
  const page = await app.window();
  await page.getByText('Core connected').waitFor();
  await page.getByText('by-port').first().waitFor();
  const laptop = await lab.machine('laptop');
  const script = 'pgrep -u dev -af -- "--type=utility" | grep -c node.mojom.NodeService';
  expect((await laptop.mustExec(['sh', '-c', script])).trim()).toBe('1');
});

test('Quit ends it with the app', async () => {
  await app.tray.click('Quit');
  await app.ended();
  const laptop = await lab.machine('laptop');
  await expect.poll(async () => (await laptop.exec(['pgrep', '-u', 'dev', '-f', 'out/electron-22/'])).stdout).toBe('');
});
