import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activityPageSchema } from '../../preload/contract/activity.ts';
import { buildPagesIfOld } from '../../main/endpoints/build-pages.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { bytesText } from '../../preload/contract/figures.ts';
import { openTab } from '../pages/browser.ts';
import { gigabyteImage } from './gigabyte-image.ts';
import { NodeLaptop } from './node-laptop.ts';
import { addressIn, arrowTo, browserAtLaptop, goTo, pressByKey, tabTo } from './page-reader.ts';
import { hostKeyOf, pictureOfLaptop, Product } from './product.ts';

/** The story of a person at the laptop, told by the pages alone and by keyboard alone, with everything behind them real. */
const pictures = 'test/artefacts/story';
const sudo = 'dev-sudo-pw';

let lab: Lab;
let laptop: Machine;
let beta: Machine;
let product: Product;
let core: ChildProcess;
let browser: Browser;
let page: Page;
let before: Record<string, string>;
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  // The laptop sees the checkout read-only, so the pages are built here.
  await buildPagesIfOld();
  lab = await attachLab();
  const machines = await Promise.all([lab.machine('laptop'), lab.machine('alpha'), lab.machine('beta')]);
  const [, alpha] = machines;
  [laptop, , beta] = machines;
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  product = new Product(laptop, 'story-pages');
  await laptop.mustExec(['su', 'dev', '-c', 'cd; podman info >/dev/null']);
  before = await pictureOfLaptop(laptop);
  await product.must(['settings', 'vault', 'key-file']);
  await product.must(['node', 'add', 'tokyo', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha)]);
  await product.must(['node', 'apply', 'tokyo', '--yes'], { timeoutMs: 280_000 });
  core = product.start(['serve']);
  browser = await browserAtLaptop(lab);
  page = (await openTab(browser, complaints)).page;
  await page.goto(await printed(core));
  await page.getByRole('navigation').waitFor();
}, 300_000);

afterAll(async () => {
  await lab.internet.gate.clear();
  await browser.close();
  await product.run(['switch', 'all', 'direct', '--yes', '--sudo-password-stdin'], { input: `${sudo}\n` });
  for (const node of ['tokyo', 'home-lab']) await product.run(['node', 'remove', node, '--yes']);
  core.kill();
});

/** The address that the starting core prints. */
function printed(started: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((found, fail) => {
    started.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('Ctrl-C')) found(addressIn(said));
    });
    started.once('close', () => fail(new Error(`the core ended:\n${said}`)));
  });
}

/** Keeps what the page shows now, to be looked at. */
const keep = (name: string): Promise<unknown> => page.screenshot({ path: `${pictures}/${name}.png` });
const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name });

/** Opens the palette and types; on a busy computer its field, and then its list, come after the keys. */
async function findInPalette(words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search' });
  await expect.poll(() => palette.locator('input:focus').count()).toBe(1);
  await page.keyboard.type(words);
  await expect.poll(() => palette.locator('[data-action]').first().innerText()).toContain(words);
}

/** Goes to a node's page by the palette and from there, by More, to the question whether it is to be removed. */
async function askToRemove(name: string): Promise<Locator> {
  await page.evaluate('document.activeElement?.blur()');
  await findInPalette(name);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name, exact: true }).waitFor();
  await pressByKey(page, 'More');
  const item = page.getByRole('menuitem', { name: `Remove ${name}` });
  await item.waitFor();
  await arrowTo(page, item);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: `Remove ${name}?` });
  await dialog.waitFor();
  return dialog;
}

test('a second server is added by keyboard: host, fingerprint, checks, plan, apply', async () => {
  await findInPalette('Add node');
  await page.keyboard.press('Enter');
  const host = page.getByRole('combobox', { name: 'Host' });
  await tabTo(page, host);
  await page.keyboard.type(`ops@${beta.ip}`);
  await page.keyboard.press('Escape');
  await tabTo(page, page.getByRole('textbox', { name: 'Name of the node' }));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('home-lab');
  await page.keyboard.press('Enter');
  // Nothing is trusted before the person has seen the key that the server's own console shows.
  await page.getByText(await hostKeyOf(beta)).waitFor({ timeout: 30_000 });
  await keep('1-fingerprint');
  await pressByKey(page, 'They are the same: trust it');
  await page.getByText('Nothing stands in the way.').waitFor({ timeout: 60_000 });
  await keep('2-checks');
  await pressByKey(page, 'See the plan');
  await page.getByText('Nothing was done yet.').waitFor({ timeout: 60_000 });
  await keep('3-plan');
  expect((await beta.exec(['docker', 'ps', '-aq'])).stdout).toBe('');
  await pressByKey(page, 'Apply to home-lab');
  await page.getByRole('heading', { name: 'home-lab serves' }).waitFor({ timeout: 200_000 });
  await keep('4-serves');
  expect((await beta.mustExec(['docker', 'ps', '--format', '{{.Names}}'])).split('\n').length).toBeGreaterThan(5);
});

test('it comes alive on the Fleet page', async () => {
  await goTo(page, 1);
  await row('home-lab').getByText('up', { exact: true }).first().waitFor({ timeout: 60_000 });
  await row('tokyo').getByText('up', { exact: true }).first().waitFor({ timeout: 60_000 });
  await keep('5-fleet');
});

test('all engines are switched with one password, each with its proof, in every window and the command line within 250 ms', async () => {
  // A second window, by a second address of the same core, and a command line that watches.
  const second = (await openTab(browser)).page;
  await second.goto(addressIn(await product.must(['serve'])));
  await second.getByRole('navigation').waitFor();
  const watcher = product.start(['--json', 'status', '--watch', '--no-refresh']);
  const onLine = new Promise<number>((seen) => {
    let said = '';
    watcher.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      const docker = said.lastIndexOf('"id":"docker"');
      if (/^"id":"docker".{0,2000}?"route":\["home-lab"\]/s.test(said.slice(docker))) seen(Date.now());
    });
  });
  await goTo(page, 2);
  const choice = page.getByRole('combobox', { name: 'Switch all to' });
  await tabTo(page, choice);
  await page.keyboard.type('home');
  await pressByKey(page, 'Switch all to home-lab');
  await tabTo(page, page.getByLabel('Password for sudo on this computer').first());
  await keep('6-switch-all');
  await page.keyboard.type(sudo);
  await page.keyboard.press('Enter');
  // Each window notes by its own clock, which is this computer's, when its foot first says so.
  const shown = (window: Page): Promise<number> =>
    window.evaluate(
      `new Promise((seen) => {
        const look = () => document.body.innerText.includes('Docker → home-lab') && (watch.disconnect(), seen(Date.now()));
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
      })`,
    );
  const times = await Promise.all([shown(page), shown(second), onLine]);
  watcher.kill('SIGKILL');
  const spread = Math.max(...times) - Math.min(...times);
  console.log(`a switch was seen in two windows and a command line within ${spread} ms of each other`);
  expect(spread).toBeLessThan(250);
  for (const engine of ['Docker', 'containerd', 'Podman'])
    await page
      .getByRole('listitem', { name: engine, exact: true })
      .getByText('proven', { exact: true })
      .waitFor({ timeout: 120_000 });
  await keep('7-proven');
  await second.context().close();
});

test('an upstream that refuses is seen with its reason, and is well again when it is', async () => {
  await lab.internet.gate.fault('docker.io', { kind: 'status', status: 429 });
  await goTo(page, 1);
  await pressByKey(page, 'Test again');
  await row('home-lab').getByText('429').waitFor({ timeout: 60_000 });
  await row('home-lab').getByText('degraded').first().waitFor();
  await keep('8-refused');
  await lab.internet.gate.clear();
  await pressByKey(page, 'Test again', 60_000);
  const trouble = row('home-lab').getByText(/degraded|429/);
  await expect.poll(() => trouble.count(), { timeout: 60_000 }).toBe(0);
});

test('a gigabyte just pulled is pruned: the page says what holds it, takes it when told to, and it is gone from the server', async () => {
  const giga = await lab.internet.publish('docker.io', 'library/giga:1', gigabyteImage());
  const [platform] = giga.platforms;
  if (platform === undefined) throw new Error('an image without a platform');
  const data = '/opt/mirrorfleet/data';
  const held = async (): Promise<number> => Number((await beta.mustExec(['du', '-s', '-B1', data])).split('\t')[0]);
  const links = async (): Promise<string> =>
    (await beta.exec(['find', data, '-path', '*library/giga*', '-name', 'link'])).stdout;
  const blobs = [platform.configDigest, ...platform.layers.map(({ digest }) => digest)];
  const empty = await held();
  const client = new NodeLaptop(laptop, beta.ip);
  expect(await client.manifest('/v2/library/giga/manifests/1')).toBe(`200 ${giga.digest}`);
  for (const digest of blobs) expect(await client.blobDigest(`/v2/library/giga/blobs/${digest}`)).toBe(digest);
  // A layer is stored a moment after it was served.
  await expect
    .poll(async () => {
      const stored = await links();
      return blobs.filter((digest) => !stored.includes(digest.slice('sha256:'.length)));
    })
    .toEqual([]);
  await expect.poll(async () => (await held()) - empty).toBeGreaterThan(platform.size);
  await goTo(page, 3);
  await tabTo(page, page.getByRole('textbox', { name: 'Search images' }));
  await page.keyboard.type('library/giga');
  await row('home-lab').filter({ hasText: 'library/giga' }).waitFor({ timeout: 60_000 });
  await tabTo(page, page.getByRole('grid', { name: 'Images', exact: true }));
  await page.keyboard.press('Space');
  const size = bytesText(platform.size, 'en');
  await pressByKey(page, 'See why they stay…', 60_000);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('docker.io/library/giga:1 was used within the last hour').waitFor();
  await dialog.getByText(`${size} stays because it was used or written within the last hour.`).waitFor();
  await keep('9-held-by-the-hour');
  await tabTo(page, dialog.getByRole('switch', { name: 'Also what was used within the last hour' }));
  await page.keyboard.press('Space');
  await dialog.getByText(`1 image goes and frees ${size}.`).waitFor({ timeout: 30_000 });
  await keep('9-prune');
  const before = await held();
  await pressByKey(page, `Prune 1 image, free ${size}`, 60_000);
  const end = page.getByText(/^home-lab: .* freed, 1 image removed\.$/);
  await end.waitFor({ timeout: 60_000 });
  const gone = before - (await held());
  expect(await links()).toBe('');
  const { entries } = activityPageSchema.parse(await product.json(['activity', '--subject', 'home-lab']));
  const prune = entries.find(({ kind }) => kind === 'prune');
  const freed = Number(prune?.outcome?.['freedBytes']);
  console.log(`pruned by the page: ${freed} bytes freed as the page says, ${gone} fewer by du`);
  expect(gone).toBeGreaterThan(1_000_000_000);
  expect(await end.textContent()).toBe(`home-lab: ${bytesText(gone, 'en')} freed, 1 image removed.`);
  // What du counts beside the blobs themselves: the folders they lay in and the links to them, a block each.
  expect(Math.abs(gone - freed)).toBeLessThan((blobs.length + 1) * 10 * 4096);
  await goTo(page, 4);
  await page.getByText(`freed ${bytesText(freed, 'en')}`).waitFor({ timeout: 20_000 });
});

test('the switch of Docker is undone in Activity, to the byte', async () => {
  await goTo(page, 4);
  await pressByKey(page, /^Undo: Switch docker/i, 30_000);
  await page.getByRole('dialog').waitFor();
  await keep('10-undo');
  await pressByKey(page, /^Undo “Switch docker/i);
  const password = page.getByLabel('Your sudo password on this computer');
  await password.first().waitFor({ timeout: 30_000 });
  await tabTo(page, password.first());
  await page.keyboard.type(sudo);
  await pressByKey(page, /^Undo “Switch docker/i);
  await page.getByRole('dialog').waitFor({ state: 'detached', timeout: 60_000 });
  const { configuration, certificates, mirrors, canary, daemon } = await pictureOfLaptop(laptop);
  expect({ configuration, mirrors, canary, daemon }).toEqual({
    configuration: before['configuration'],
    mirrors: before['mirrors'],
    canary: before['canary'],
    daemon: before['daemon'],
  });
  expect(certificates).toBe(before['certificates']);
  await goTo(page, 2);
  await page.getByRole('listitem', { name: 'Docker', exact: true }).getByText('direct').first().waitFor();
});

test('a node that engines still pull through is not removed, by the page or the core, and the page shows the way out', async () => {
  const dialog = await askToRemove('home-lab');
  await dialog.getByText('Still in use by containerd, Podman').waitFor();
  expect(await dialog.getByRole('button', { name: 'Remove home-lab' }).isDisabled()).toBe(true);
  await keep('11-in-use');
  // The core itself refuses as well, whoever asks.
  const refused = await product.run(['--json', 'node', 'remove', 'home-lab', '--yes']);
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain('node-in-use');
  expect((await beta.mustExec(['docker', 'ps', '-q'])).split('\n').length).toBeGreaterThan(5);
  await tabTo(page, dialog.getByRole('link', { name: 'Go to Runtimes' }));
  await page.keyboard.press('Enter');
  await page.getByRole('listitem', { name: 'Podman', exact: true }).getByText('home-lab').first().waitFor();
});

test('a node is removed on its own page, its server is left clean, and nothing was complained of all along', async () => {
  await product.must(['switch', 'all', 'direct', '--yes', '--sudo-password-stdin'], { input: `${sudo}\n` });
  const dialog = await askToRemove('home-lab');
  await dialog.getByText('This goes from the server:').waitFor();
  await keep('12-remove');
  await pressByKey(page, 'Remove home-lab');
  await dialog.waitFor({ state: 'detached', timeout: 120_000 });
  await row('tokyo').waitFor();
  await expect.poll(() => row('home-lab').count()).toBe(0);
  expect((await beta.mustExec(['docker', 'ps', '-aq'])).trim()).toBe('');
  await keep('13-removed');
  expect(complaints).toEqual([]);
});
