import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictureOfLaptop } from '../e2e/product.ts';
import { attachLab, type Lab } from '../lab/lab.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session } from './session.ts';
import { appProcesses, openStand, type Stand } from './stand.ts';
import type { SeenTray } from './tray.ts';

/** The story of a person who looks at the tray and clicks in it, with everything behind it real: D-Bus, pkexec, Docker, the server. */
const pictures = 'test/artefacts/desktop';
const everything = 'Docker, containerd, Podman';

let lab: Lab;
let stand: Stand;
let session: Session;
let app: DesktopApp;
let page: Page;
let before: Record<string, string>;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  lab = await attachLab();
  stand = await openStand(lab, 'story-desktop');
  before = await pictureOfLaptop(stand.laptop);
  session = await Session.start(stand.laptop);
  app = await DesktopApp.start(lab, session, { home: 'story-desktop', args: ['--hidden'] });
});

afterAll(async () => {
  await app.end();
  await session.end();
  await stand.close();
});

/** Waits until the tray shows that, and keeps what was seen. */
async function sees(name: string, wanted: Readonly<Record<string, unknown>>, timeout = 30_000): Promise<SeenTray> {
  await expect.poll(() => app.tray.see(), { timeout }).toMatchObject(wanted);
  const seen = await app.tray.see();
  const lines = [`[${seen.icon}]  ${seen.toolTip}`, seen.header, ...seen.lines];
  writeFileSync(`${pictures}/tray-${name}.txt`, `${lines.join('\n')}\n`);
  return seen;
}

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const keep = (name: string): Promise<void> => session.screenshot(`${pictures}/${name}.png`);

test('after a hidden start the tray says that pulls go direct, and lists every way', async () => {
  await expect.poll(() => app.tray.appears()).toBe(true);
  const { lines } = await sees('1-direct', {
    icon: matching(/direct/),
    header: matching(new RegExp(`^○ ${everything} → direct`)),
    lines: expect.arrayContaining([matching(/^● Direct/), matching(/^tokyo · \d+ ms/), 'Quit']),
  });
  expect(lines).toContain('Open Mirrorfleet');
  expect(await app.windowIsSeen()).toBe(false);
});

test('a click on the node switches every engine, proven, and says so in place', async () => {
  await app.tray.click('tokyo');
  await sees(
    '2-through',
    { icon: matching(/through/), header: matching(new RegExp(`^● ${everything} → tokyo · \\d+ ms`)) },
    90_000,
  );
  expect((await app.tray.see()).lines).toContainEqual(matching(/^● tokyo/));
});

test('the laptop’s Docker then pulls through the node, and never asks the upstream itself', async () => {
  const began = Date.now();
  await stand.laptop.mustExec(['docker', 'pull', 'nginx:alpine'], { user: 'dev', timeoutMs: 120_000 });
  const asked = (await lab.internet.gate.requests({ upstream: 'docker.io', repository: 'library/nginx' })).filter(
    (each) => each.at >= began,
  );
  expect(new Set(asked.map((each) => each.from))).toEqual(new Set([stand.server.ip]));
  const script = `cd /opt/mirrorfleet && docker compose logs --no-log-prefix envoy | grep '"agent":"docker/' | grep -c /library/nginx/`;
  expect(Number((await stand.server.exec(['sh', '-c', script])).stdout)).toBeGreaterThan(0);
});

test('menu, window and command line say the same', async () => {
  await app.tray.click('Open Mirrorfleet');
  page = await app.window();
  await expect.poll(() => app.windowIsSeen()).toBe(true);
  await page.getByRole('link', { name: 'Runtimes' }).click();
  for (const engine of everything.split(', '))
    await page.getByRole('listitem', { name: engine, exact: true }).getByText('tokyo').first().waitFor();
  await keep('window-runtimes');
  const status = await stand.product.must(['status']);
  for (const engine of everything.split(', ')) expect(status).toMatch(new RegExp(`${engine}[^\\n]* → tokyo, proven`));
  await expect.poll(() => app.tray.see()).toMatchObject({ header: matching(new RegExp(`^● ${everything} → tokyo`)) });
});

test('a closed window leaves the tray, and a node that dies changes picture and header, with one notification', async () => {
  await app.closeWindow();
  await expect.poll(() => app.windowIsSeen()).toBe(false);
  const earlier = (await session.bus.notifications()).length;
  await stand.server.mustExec(['docker', 'kill', 'mirrorfleet-envoy-1']);
  await sees('3-down', { icon: matching(/down/), header: matching(/^▲ .* → tokyo · .*tokyo is down/) }, 90_000);
  await expect.poll(async () => (await session.bus.notifications()).length).toBe(earlier + 1);
  const told = (await session.bus.notifications()).at(-1);
  writeFileSync(`${pictures}/notification.txt`, JSON.stringify(told, undefined, 2));
  expect(`${told?.summary} ${told?.body}`).toContain('tokyo');
  // This Electron shows no buttons here: the words name the way out, and a click on them opens the page where it is.
  expect(told?.body).toContain('Switch to direct');
  expect(Object.keys(told?.actions ?? {})).toEqual(['default']);
  // Another look at the node that is still down is no news.
  await app.tray.click('Test again');
  await sees('3-tested', { lines: expect.arrayContaining([matching(/^✕ Test failed/)]) }, 60_000);
  expect(await session.bus.notifications()).toHaveLength(earlier + 1);
});

test('a click on Direct brings the laptop back, byte for byte', async () => {
  await app.tray.click('Direct');
  await sees(
    '4-direct-again',
    { icon: matching(/direct/), header: matching(new RegExp(`^○ ${everything} → direct`)) },
    60_000,
  );
  expect(await pictureOfLaptop(stand.laptop)).toEqual(before);
  await stand.server.mustExec(['docker', 'start', 'mirrorfleet-envoy-1']);
});

test('Prune caches… asks in the window what goes, and frees it on the server', async () => {
  const held = async (): Promise<number> =>
    Number((await stand.server.mustExec(['du', '-s', '-B1', '/opt/mirrorfleet/data'])).split('\t')[0]);
  const before = await held();
  await app.tray.click('Prune caches');
  await expect.poll(() => app.windowIsSeen()).toBe(true);
  // Put away for more than a minute, the earlier window is gone by now, and this is another one.
  page = await app.window();
  const dialog = page.getByRole('dialog', { name: /Prune/ });
  await dialog.getByRole('radio', { name: /^Everything but/ }).click();
  await dialog.getByRole('switch', { name: 'Also what was used within the last hour' }).click();
  const prune = dialog.getByRole('button', { name: /^Prune \d+ images, free/ });
  await prune.waitFor({ timeout: 60_000 });
  await keep('window-prune');
  await prune.click();
  await page.getByText(/^tokyo: .* freed, \d+ images removed/).waitFor({ timeout: 60_000 });
  expect(await held()).toBeLessThan(before);
});

test('Quit ends the app and its core, and leaves no process', async () => {
  expect((await appProcesses(stand.laptop)).length).toBeGreaterThan(3);
  // While something is at work it would ask first.
  await sees('6-quiet', { icon: matching(/direct/) });
  await app.tray.click('Quit');
  await app.ended();
  await expect.poll(() => appProcesses(stand.laptop)).toEqual([]);
  expect(await stand.product.must(['status'])).toContain('tokyo');
});
