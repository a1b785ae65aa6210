import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { execLine } from '../../../main/shell/desktop-entry.ts';
import { autostartPath, loginItem, type LoginItemOptions, startsHidden } from '../../../main/shell/login-item.ts';
import { problemCode } from '../problem-code.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mirrorfleet-login-'));
});
afterEach(() => rmSync(home, { recursive: true }));

type Asked = Parameters<LoginItemOptions['app']['setLoginItemSettings']>[0];
interface SeenApp {
  readonly app: LoginItemOptions['app'];
  readonly asked: Asked[];
}
function seenApp(wasOpenedAtLogin = false): SeenApp {
  const asked: Asked[] = [];
  return {
    asked,
    app: {
      getLoginItemSettings: () =>
        ({ openAtLogin: asked.at(-1)?.openAtLogin ?? false, wasOpenedAtLogin }) as ReturnType<
          LoginItemOptions['app']['getLoginItemSettings']
        >,
      setLoginItemSettings: (settings) => void asked.push(settings),
    },
  };
}
const on = (platform: NodeJS.Platform, env: LoginItemOptions['env'] = {}, app = seenApp().app) =>
  loginItem({ app, platform, env, home, program: '/opt/Mirrorfleet/mirrorfleet', args: [] });
const file = (): string => join(home, '.config/autostart/mirrorfleet.desktop');

test('on Linux a file of the desktop starts the app hidden, and goes when it is not wanted', () => {
  const item = on('linux');
  expect(item.isOpen()).toBe(false);
  item.setOpen(true);
  expect(item.isOpen()).toBe(true);
  const lines = readFileSync(file(), 'utf8').split('\n');
  expect(lines[0]).toBe('[Desktop Entry]');
  expect(lines).toContain('Exec=/opt/Mirrorfleet/mirrorfleet --hidden');
  expect(statSync(file()).mode & 0o777).toBe(0o644);
  item.setOpen(false);
  expect(item.isOpen()).toBe(false);
  item.setOpen(false);
});

test('an AppImage is started by itself, not by the folder it is mounted at now', () => {
  on('linux', { APPIMAGE: '/home/a/My Apps/Mirrorfleet.AppImage' }).setOpen(true);
  expect(readFileSync(file(), 'utf8')).toContain('Exec="/home/a/My Apps/Mirrorfleet.AppImage" --hidden\n');
});

test('the folder is that of XDG_CONFIG_HOME, unless that is relative, which the specification ignores', () => {
  expect(autostartPath({ XDG_CONFIG_HOME: '/c' }, '/h')).toBe('/c/autostart/mirrorfleet.desktop');
  expect(autostartPath({ XDG_CONFIG_HOME: 'c' }, '/h')).toBe('/h/.config/autostart/mirrorfleet.desktop');
});

test("someone else's file of that name is neither written over nor removed", () => {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), '[Desktop Entry]\nExec=mirrorfleet\n');
  const item = on('linux');
  expect(item.isOpen()).toBe(false);
  expect(problemCode(() => item.setOpen(true))).toBe('login-item-foreign');
  expect(problemCode(() => item.setOpen(false))).toBe('login-item-foreign');
  expect(readFileSync(file(), 'utf8')).toBe('[Desktop Entry]\nExec=mirrorfleet\n');
});

test('a folder that cannot be made is a problem, not a crash', () => {
  writeFileSync(join(home, '.config'), 'a file');
  expect(problemCode(() => on('linux').setOpen(true))).toBe('login-item-failed');
});

test.each(['darwin', 'win32'] as const)('on %s the system itself is asked', (platform) => {
  const { app, asked } = seenApp();
  const item = on(platform, {}, app);
  item.setOpen(true);
  expect(asked).toEqual([{ path: '/opt/Mirrorfleet/mirrorfleet', args: ['--hidden'], openAtLogin: true }]);
  expect(item.isOpen()).toBe(true);
});

test('a start is hidden when it says so, or when macOS says that it was the login', () => {
  expect(startsHidden(['--hidden'], 'linux', seenApp().app)).toBe(true);
  expect(startsHidden([], 'linux', seenApp(true).app)).toBe(false);
  expect(startsHidden([], 'darwin', seenApp(true).app)).toBe(true);
});

test('any command comes back whole from the Exec key as the specification reads it', () => {
  const argument = fc.string({ unit: 'grapheme-ascii', minLength: 1 });
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), (command) => {
      expect(readExec(execLine(command))).toEqual(command);
    }),
    { numRuns: 1000 },
  );
  expect(execLine(['/a b/$x`"\\', '100%'])).toBe('"/a b/\\\\$x\\\\`\\\\"\\\\\\\\" 100%%');
});

/** Desktop Entry Specification, read the other way: first the escapes of a string value, then the quoting, then the field codes. */
function readExec(value: string): string[] {
  const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
  const text = value.replace(/\\(.)/g, (_whole, letter: string) => escapes[letter] ?? letter);
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|([^ "]+)/gs)].map(([, quoted, plain]) =>
    (quoted?.replace(/\\(["`$\\])/g, '$1') ?? plain ?? '').replaceAll('%%', '%'),
  );
}
