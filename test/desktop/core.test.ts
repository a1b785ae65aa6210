import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Product } from '../e2e/product.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { DesktopApp, startAgain } from './desktop-app.ts';
import { Session } from './session.ts';
import { appProcesses } from './stand.ts';

/** The story of an app whose core dies, and of one that finds a core running: what a person sees of it, and that nothing is lost. */
const home = 'story-core';
const pictures = 'test/artefacts/desktop';

let lab: Lab;
let laptop: Machine;
let product: Product;
let session: Session;
let app: DesktopApp;
let page: Page;

beforeAll(async () => {
  lab = await attachLab();
  laptop = await lab.machine('laptop');
  product = new Product(laptop, home);
  session = await Session.start(laptop);
  app = await DesktopApp.start(lab, session, { home });
  page = await app.window();
});

afterAll(async () => {
  await app.end();
  await session.end();
});

const connected = (): Promise<void> => page.getByText('Core connected').waitFor({ timeout: 30_000 });
const keep = (name: string): Promise<void> => session.screenshot(`${pictures}/${name}.png`);

/** The core's process ids; the shell's own command line names no core. */
async function corePids(): Promise<readonly string[]> {
  const { stdout } = await laptop.exec(['pgrep', '-u', 'dev', '-f', 'node .*core-process']);
  return stdout.split('\n').filter(Boolean);
}

/** Kills the core without a warning and waits until the shell knows. */
async function killCore(): Promise<void> {
  const [pid = ''] = await corePids();
  await laptop.mustExec(['kill', '-KILL', pid]);
  await expect.poll(corePids).not.toContain(pid);
}

test('a start by a person shows the window, connected to the core', async () => {
  await connected();
  await expect.poll(() => app.windowIsSeen()).toBe(true);
  expect(await corePids()).toHaveLength(1);
});

test('a second start shows the first one’s window and ends', async () => {
  await app.closeWindow();
  await expect.poll(() => app.windowIsSeen()).toBe(false);
  await once(startAgain(laptop, session, { home }), 'close');
  await expect.poll(() => app.windowIsSeen()).toBe(true);
  expect(await corePids()).toHaveLength(1);
});

test('a link of ours opens its page, and one that is reserved is refused in words', async () => {
  await once(startAgain(laptop, session, { home, args: ['mirrorfleet://node/tokyo'] }), 'close');
  await page.waitForURL(/#\/fleet\/tokyo$/);
  await once(startAgain(laptop, session, { home, args: ['mirrorfleet://join/abc?token=x'] }), 'close');
  await page.waitForURL(/#\/link-refused\?kind=join$/);
  expect(page.url()).not.toContain('token');
  await keep('window-link-refused');
  await page.getByRole('link', { name: 'Go to Fleet' }).click();
});

test('a core that is killed comes back by itself, and the window with it', async () => {
  const before = await corePids();
  await killCore();
  await expect.poll(corePids).toHaveLength(1);
  expect(await corePids()).not.toEqual(before);
  await connected();
  expect(await product.must(['status'])).toContain('No node yet');
});

test('three crashes within a minute stop it, the window says why, and a click starts it again', async () => {
  await killCore();
  await expect.poll(corePids).toHaveLength(1);
  await connected();
  await killCore();
  await page.getByText('Core connected').waitFor({ state: 'detached' });
  const again = page.getByRole('button', { name: /Start .*again/ });
  await again.waitFor({ timeout: 20_000 });
  await keep('window-core-stopped');
  expect(await corePids()).toEqual([]);
  await expect.poll(() => app.tray.see()).toMatchObject({ header: expect.stringMatching(/^▲ The core does not run/) });
  await again.click();
  await connected();
  expect(await corePids()).toHaveLength(1);
});

test('Quit ends the core of its own', async () => {
  await app.tray.click('Quit');
  await app.ended();
  await expect.poll(() => appProcesses(laptop)).toEqual([]);
});

test('an app that finds a core running comes to it, and leaves it running', async () => {
  const serving = product.start(['serve', '--headless']);
  try {
    await said(serving, 'Ctrl-C');
    app = await DesktopApp.start(lab, session, { home });
    page = await app.window();
    await connected();
    expect(await corePids()).toEqual([]);
    await expect.poll(() => app.tray.appears()).toBe(true);
    await app.tray.click('Quit');
    await app.ended();
    expect(serving.exitCode).toBeNull();
    expect(await product.must(['status'])).toContain('No node yet');
  } finally {
    const gone = once(serving, 'close');
    serving.kill();
    await gone;
  }
});

function said(child: ChildProcess, words: string): Promise<void> {
  let output = '';
  return new Promise((found, fail) => {
    child.stdout?.on('data', (part: Buffer) => {
      output += part.toString();
      if (output.includes(words)) found();
    });
    child.once('close', () => fail(new Error(`it ended:\n${output}`)));
  });
}
