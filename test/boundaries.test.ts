import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Design §2: folders by line, lowest first. A file may import its own folder and folders of lower lines, never a neighbour of its line. */
const lines: readonly (readonly string[])[] = [
  ['preload/contract'],
  ['main/log', 'main/fleet', 'main/live-state.ts', 'main/version.ts'],
  ['main/hosts', 'main/cluster', 'main/store', 'main/tasks', 'main/certificates'],
  ['main/provision', 'main/monitor', 'main/cache', 'main/runtimes'],
  ['main/activity'],
  ['main/api.ts'],
  ['main/app.ts'],
  ['main/endpoints'],
  ['main/core.ts'],
  ['main/terminal', 'main/shell'],
  ['main/serve.ts'],
  ['main/cli.ts', 'main/start.ts', 'main/desktop.ts', 'main/core-process.ts'],
  ['preload/bridge.ts'],
];
const rooms = lines.flat();
const lineOf = (room: string): number => lines.findIndex((line) => line.includes(room));
const roomOf = (path: string): string | undefined => rooms.find((room) => path === room || path.startsWith(`${room}/`));

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.config.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const importsOf = (folders: readonly string[]): readonly Import[] =>
  folders.flatMap(sources).flatMap((from) => {
    const text = readFileSync(join(root, from), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return specifiers.map((to) => ({
      from,
      to: to.startsWith('.') ? relative(root, resolve(root, dirname(from), to)) : to,
    }));
  });
const imports = importsOf(['main', 'preload']);

test('every source file has a room in the house', () => {
  expect(['main', 'preload'].flatMap(sources).filter((file) => roomOf(file) === undefined)).toEqual([]);
});

test('folders import only downwards, never a neighbour of their own line', () => {
  const wrong = imports.filter(({ from, to }) => {
    const fromRoom = roomOf(from);
    const toRoom = roomOf(to);
    if (fromRoom === undefined || toRoom === undefined || fromRoom === toRoom) return false;
    return lineOf(toRoom) >= lineOf(fromRoom);
  });
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('the core never imports electron', () => {
  expect(
    imports.filter(
      ({ from, to }) =>
        /^electron(\/|$|-store)/.test(to) && !from.startsWith('main/shell/') && from !== 'preload/bridge.ts',
    ),
  ).toEqual([]);
});

/** The client's half of the endpoints, as the shell uses it. */
const clientHalf = ['client.ts', 'message-size.ts', 'port-end.ts'].map((file) => `main/endpoints/${file}`);

test('the shell sees the contract and the client of the core, nothing else', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      from.startsWith('main/shell/') &&
      (to.startsWith('main/') || to.startsWith('preload/')) &&
      !['main/shell/', 'preload/contract/'].some((room) => to.startsWith(room)) &&
      ![...clientHalf, 'main/version.ts'].includes(to),
  );
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('the bridge sees nothing but the contract and Electron', () => {
  const wrong = imports.filter(
    ({ from, to }) => from === 'preload/bridge.ts' && to !== 'electron' && !to.startsWith('preload/contract/'),
  );
  expect(wrong).toEqual([]);
});

test('the contract imports nothing of Node and nothing of main', () => {
  const wrong = imports.filter(
    ({ from, to }) => from.startsWith('preload/contract') && (to.startsWith('node:') || to.startsWith('main')),
  );
  expect(wrong).toEqual([]);
});

test('the pages import the contract and nothing of the core or of Node', () => {
  const wrong = importsOf(['renderer']).filter(({ from, to }) => {
    if (from.endsWith('.config.ts')) return false;
    return (
      to.startsWith('node:') ||
      to.startsWith('main') ||
      (to.startsWith('preload') && !to.startsWith('preload/contract'))
    );
  });
  expect(wrong).toEqual([]);
});

/** What a file needs when it is loaded: what it imports as more than types, and not only later. */
const neededBy = (file: string): readonly string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^(?:import|export)\s+(?!type\b)[^;']*?'([^']+)';/gm)]
    .map((match) => match[1] ?? '')
    .map((to) => (to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)) : to));

test('what a window needs before it shows anything has no validation in it', () => {
  const needed = new Set(['renderer/main.tsx']);
  for (const file of needed) if (/\.tsx?$/.test(file)) for (const each of neededBy(file)) needed.add(each);
  expect([...needed]).toContain('renderer/pages/fleet/fleet-page.tsx');
  expect([...needed].filter((each) => each === 'zod')).toEqual([]);
});

test('no file is called utils, helpers, common or manager', () => {
  expect(
    ['main', 'preload', 'renderer', 'test']
      .flatMap(sources)
      .filter((file) => /(^|\/)(utils?|helpers?|common|managers?)(\.|\/)/.test(file)),
  ).toEqual([]);
});
