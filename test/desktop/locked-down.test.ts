import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { appFolder } from './app-folder.ts';
import { DesktopApp } from './desktop-app.ts';
import { Session } from './session.ts';

/** What a page that fell into wrong hands could do: tried on the running app, from inside its own page. */
let lab: Lab;
let laptop: Machine;
let session: Session;
let app: DesktopApp;
let page: Page;

beforeAll(async () => {
  lab = await attachLab();
  laptop = await lab.machine('laptop');
  session = await Session.start(laptop);
  app = await DesktopApp.start(lab, session, { home: 'story-locked' });
  page = await app.window();
  await page.getByText('Core connected').waitFor();
});

afterAll(async () => {
  await app.end();
  await session.end();
});

/** Evaluated in the page, as a script that got into it would be; `failed` is what was thrown. */
function inPage(script: string): Promise<unknown> {
  return page.evaluate(
    `(async () => { try { return await (${script}); } catch (error) { return 'failed: ' + error; } })()`,
  );
}

test('the page has nothing of Node and nothing of Electron but the bridge', async () => {
  expect(await inPage('[typeof require, typeof process, typeof module, typeof Buffer, typeof electron]')).toEqual(
    Array(5).fill('undefined'),
  );
  expect(await inPage('Object.keys(window.mirrorfleetShell).sort()')).toEqual([
    'connect',
    'copy',
    'initial',
    'onPlace',
    'onState',
    'openLink',
    'prefer',
    'reveal',
    'startCore',
  ]);
});

test('it cannot go elsewhere, open a window, or ask anyone but the core', async () => {
  const here = page.url();
  expect(await inPage("window.open('https://example.org/')")).toBeNull();
  expect(await inPage("fetch('https://example.org/')")).toContain('failed');
  expect(await inPage("fetch('file:///etc/passwd')")).toContain('failed');
  await inPage("location.assign('https://example.org/')");
  await inPage("location.assign('file:///etc/passwd')");
  // The page answers on, so it is still there.
  expect(await inPage('location.href')).toBe(here);
  expect(app.electron.windows()).toHaveLength(1);
});

test('every permission is refused without a question', async () => {
  const names = ['geolocation', 'camera', 'microphone', 'notifications', 'midi', 'clipboard-read'];
  for (const name of names)
    expect(await inPage(`navigator.permissions.query({ name: '${name}' }).then(({ state }) => state)`)).toBe('denied');
  expect(await inPage('navigator.mediaDevices.getUserMedia({ audio: true })')).toContain('failed');
  expect(await inPage('Notification.requestPermission()')).toBe('denied');
});

test('its policy comes with it: no script of another place, none in the page itself, no eval', async () => {
  const response = await page.reload();
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
  await page.getByText('Core connected').waitFor();
  const ran = `new Promise((done) => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => done(violatedDirective));
    const script = document.createElement('script');
    script.textContent = 'window.__ran = true';
    document.head.append(script);
  })`;
  expect(await inPage(ran)).toContain('script-src');
  expect(await inPage('typeof window.__ran')).toBe('undefined');
});

test('a page that is not ours is refused at the border, whatever it asks', async () => {
  const answers = await app.electron.evaluate(async ({ BrowserWindow }, preload) => {
    const foreign = new BrowserWindow({
      show: false,
      webPreferences: { sandbox: true, preload, additionalArguments: ['--mirrorfleet-initial=%7B%7D'] },
    });
    await foreign.loadURL('data:text/html,foreign');
    const ask = (call: string): Promise<string> =>
      foreign.webContents.executeJavaScript(
        `window.mirrorfleetShell.${call}.then(() => 'answered', String)`,
      ) as Promise<string>;
    const said = [await ask("copy('x')"), await ask("reveal('core-log')"), await ask('prefer({})')];
    foreign.destroy();
    return said;
  }, appFolder.bridge);
  for (const answer of answers) expect(answer).toContain('Error');
  // And ours is refused what it may not ask for.
  expect(await inPage("window.mirrorfleetShell.openLink('file:///etc/passwd')")).toContain('failed');
  expect(await inPage("window.mirrorfleetShell.openLink('https://example.org/')")).toContain('failed');
  expect(await inPage("window.mirrorfleetShell.reveal('/etc')")).toContain('failed');
  expect(await inPage("window.mirrorfleetShell.prefer({ theme: 'dark', __proto__: 1, more: 2 })")).toContain('failed');
});

test('nothing of it listens beyond this computer', async () => {
  const sockets = await laptop.mustExec(['ss', '-H', '-tulpn']);
  const open = sockets
    .split('\n')
    .filter((line) => /electron|node|python3|Xvfb/.test(line))
    .map((line) => line.trim().split(/\s+/)[4] ?? '');
  expect(open.filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address))).toEqual([]);
});

test('every process that shows pages is in Chromium’s sandbox', async () => {
  const script =
    'for p in $(pgrep -u dev -f -- "--type=(renderer|gpu-process|utility)"); do tr "\\0" " " </proc/$p/cmdline | grep -o -- "--type=[a-z-]*\\|--no-sandbox"; grep Seccomp: /proc/$p/status; done';
  const said = await laptop.mustExec(['sh', '-c', script]);
  expect(said).not.toContain('--no-sandbox');
  expect(said).toMatch(/--type=renderer\nSeccomp:\t2/);
});
