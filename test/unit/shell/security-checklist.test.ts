import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from 'electron';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import about from '../../../package.json' with { type: 'json' };
import { serveBorder } from '../../../main/shell/border.ts';
import { pageOrigin, windowPageHeaders } from '../../../main/shell/page-files.ts';
import { pageSchemes } from '../../../main/shell/page-protocol.ts';
import { defaultPreferences } from '../../../main/shell/preferences.ts';
import { windowOptions } from '../../../main/shell/window-options.ts';
import { placeWindow } from '../../../main/shell/window-place.ts';
import { linkedPlaces } from '../../../preload/contract/linked-places.ts';
import { locked, prevented } from './lock.ts';

// Electron's own list, item by item in its order and words: https://www.electronjs.org/docs/latest/tutorial/security

const root = join(import.meta.dirname, '../../..');
const sourcesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(tsx?|html)$/.test(file))
      .map((file) => [`${folder}/${file}`, readFileSync(join(root, folder, file), 'utf8')]),
  );
const shell = sourcesIn('main/shell');
const pages = sourcesIn('renderer');
const bridge = readFileSync(join(root, 'preload/bridge.ts'), 'utf8');
/** The sources that match, by their path. */
const where = (sources: ReadonlyMap<string, string>, form: RegExp): readonly string[] =>
  [...sources].filter(([, text]) => form.test(text)).map(([file]) => file);

const confined = windowOptions({
  title: 'Mirrorfleet',
  bridge: '/bridge.cjs',
  dark: false,
  development: false,
  place: placeWindow(undefined, []),
  state: { version: '0', core: { state: 'starting', own: true }, preferences: defaultPreferences, tray: true },
}).webPreferences;

test('every window is made with the one set of options that is looked at here', () => {
  expect(where(shell, /new (BrowserWindow|WebContentsView|BrowserView|BaseWindow)\b/)).toEqual([
    'main/shell/window.ts',
  ]);
  expect(shell.get('main/shell/window.ts')?.match(/new BrowserWindow\((\w+)/)?.[1]).toBe('windowOptions');
  expect(where(shell, /webPreferences/)).toEqual(['main/shell/window-options.ts']);
});

test('1. only load secure content', () => {
  expect(where(shell, /\bloadFile\(/)).toEqual([]);
  expect(
    [...shell.values()].flatMap((text) => [...text.matchAll(/\bloadURL\((.{0,16})/g)].map(([, what]) => what)),
  ).toEqual(['`${pageAddress}$']);
  expect(pageSchemes[0]?.privileges).toMatchObject({ secure: true, bypassCSP: false });
  expect(where(pages, /\bsrc=["']https?:|@import\s+["']https?:/)).toEqual([]);
});

test('2. do not enable Node.js integration for remote content, nor for our own', () => {
  expect(confined).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
  });
});

test('3. enable context isolation', () => {
  expect(confined?.contextIsolation).toBe(true);
});

test('4. enable process sandboxing, for every process that Electron will ever start', () => {
  expect(confined?.sandbox).toBe(true);
  expect(locked().app.sandboxed).toBe(true);
  expect(where(shell, /no-sandbox/)).toEqual([]);
});

test('5. handle session permission requests: none is granted', () => {
  const { set } = locked();
  const granted: boolean[] = [];
  type Asking = NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>;
  const ask = set['request'] as (contents: object, permission: string, answer: Parameters<Asking>[2]) => void;
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fullscreen',
    'openExternal',
    'unknown',
  ])
    ask({}, permission, (grant) => granted.push(grant));
  expect(granted).toEqual(Array.from({ length: 7 }, () => false));
  expect((set['check'] as () => boolean)()).toBe(false);
  expect((set['device'] as () => boolean)()).toBe(false);
});

test('6. do not disable webSecurity', () => {
  expect(confined?.webSecurity).toBe(true);
});

test('7. define a Content Security Policy', () => {
  const policy = windowPageHeaders('n')['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

test('8. do not enable allowRunningInsecureContent', () => {
  expect(confined?.allowRunningInsecureContent).toBe(false);
});

test('9. do not enable experimental features', () => {
  expect(confined?.experimentalFeatures).toBe(false);
});

test('10. do not use enableBlinkFeatures', () => {
  expect(confined?.enableBlinkFeatures).toBe('');
  expect(where(shell, /appendSwitch\(\s*'(enable-blink-features|enable-features|js-flags)/)).toEqual([]);
});

test('11. do not use allowpopups for WebViews: there are none', () => {
  expect(where(pages, /<webview|allowpopups/i)).toEqual([]);
});

test('12. verify WebView options before creation: none is created', () => {
  expect(confined?.webviewTag).toBe(false);
  expect(prevented(locked().contents, 'will-attach-webview', {}, {})).toBe(true);
});

test('13. disable or limit navigation', () => {
  expect(prevented(locked().contents, 'will-navigate', 'https://example.com/')).toBe(true);
  expect(confined?.navigateOnDragDrop).toBe(false);
});

test('14. disable or limit creation of new windows', () => {
  expect(locked().contents.openWindow?.({ url: 'https://example.com/' })).toEqual({ action: 'deny' });
});

test('15. do not use shell.openExternal with untrusted content: one caller, which asks an allow-list of https places', () => {
  expect(where(shell, /\.openExternal\(/)).toEqual(['main/shell/outside.ts']);
  expect(where(shell, /\.openPath\(/)).toEqual(['main/shell/outside.ts']);
  for (const place of linkedPlaces) expect(place).toMatch(/^https:\/\/[a-z.]+\/([a-z-]+\/)?$/);
});

test('16. use a current version of Electron: one exact version, raised by hand and with its changes read', () => {
  expect(about.devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
  expect(Number(about.devDependencies.electron.split('.')[0])).toBeGreaterThanOrEqual(45);
});

test('17. validate the sender of all IPC messages: all of them come in at the border', async () => {
  expect(where(shell, /ipcMain\.(handle|on|once|handleOnce)\(/)).toEqual(['main/shell/border.ts']);
  expect(where(shell, /\.ipc\.(handle|on|once)\(|ipc-message/)).toEqual([]);
  const asked: (() => unknown)[] = [];
  const refused: string[] = [];
  const stranger = { sender: {}, senderFrame: { url: 'https://example.com/', parent: null } };
  const never = (): never => {
    throw new Error('asked by a stranger');
  };
  serveBorder({
    ipcMain: {
      handle: (_channel: string, handler: (event: object) => unknown) => void asked.push(() => handler(stranger)),
      on: (_channel: string, handler: (event: object) => unknown) => void asked.push(() => handler(stranger)),
    } as unknown as Parameters<typeof serveBorder>[0]['ipcMain'],
    ours: () => undefined,
    prefer: never,
    reveal: never,
    copy: never,
    openLink: never,
    startCore: never,
    connect: never,
    refused: (_channel, why) => void refused.push(why),
  });
  for (const ask of asked) await Promise.resolve(ask()).catch(() => {});
  expect(refused).toEqual(asked.map(() => 'sender'));
});

test('18. avoid usage of the file:// protocol and prefer usage of custom protocols', () => {
  expect(pageOrigin).toMatch(/^mirrorfleet-app:/);
  expect(where(shell, /file:\/\//)).toEqual([]);
  expect(pageSchemes.map(({ scheme }) => scheme)).toEqual(['mirrorfleet-app']);
});

test('19. check which fuses you can change', () => {
  const { electronFuses } = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as {
    electronFuses: Readonly<Record<string, boolean>>;
  };
  expect(electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
});

test('20. do not expose Electron APIs to untrusted web content: the bridge gives functions of its own, with fixed channels', () => {
  expect([...bridge.matchAll(/exposeInMainWorld\(([^)]*)\)/g)].map(([, what]) => what)).toEqual([
    "'mirrorfleetShell', bridge",
  ]);
  const channels = [...bridge.matchAll(/ipcRenderer\.(?:send|invoke|on)\(([^,)]+)/g)].map(([, channel]) => channel);
  expect(channels.filter((channel) => channel !== 'channel' && !channel?.startsWith('shellChannels.'))).toEqual([]);
  expect([...bridge.matchAll(/hearing\((\S+?)\)/g)].map(([, channel]) => channel)).toEqual([
    'shellChannels.stateChanged',
    'shellChannels.place',
  ]);
  expect(where(pages, /from 'electron'|require\(|ipcRenderer/)).toEqual([]);
  expect(where(shell, /@electron\/remote|enableRemoteModule/)).toEqual([]);
});
