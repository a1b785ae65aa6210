import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { listPackage } from '@electron/asar';
import { describe, expect, inject, test } from 'vitest';

const checkout = resolve(import.meta.dirname, '../..');
const built = inject('package');
const resources = (path: string): string => join(built.folder, 'resources', path);
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
const below = (folder: string, files: readonly string[]): string[] => files.map((file) => `${folder}/${file}`);

describe('the package of Linux', () => {
  test('holds in its archive one file per process, the pages, the pictures, and nothing else', () => {
    const files = listPackage(resources('app.asar'), { isPack: false }).filter((path) => /\.\w+$/.test(path));
    const expected = [
      'package.json',
      'out/core-process.js',
      ...below('out/desktop', filesIn(join(checkout, 'out/desktop'))),
      ...below('out/pages', filesIn(join(checkout, 'out/pages'))),
    ];
    expect(files.map((path) => path.slice(1)).sort()).toEqual(expected.sort());
    const loose = expected.filter(
      (path) => !path.startsWith('out/pages/assets/') && !/icons\/[\w@-]+\.png$/.test(path),
    );
    expect(loose.sort()).toEqual([
      'out/core-process.js',
      'out/desktop/bridge.cjs',
      'out/desktop/desktop.cjs',
      'out/pages/index.html',
      'package.json',
    ]);
  });

  test('has an archive of less than 6 MB', () => {
    const { size } = statSync(resources('app.asar'));
    console.log(`the archive has ${(size / 1e6).toFixed(2)} MB`);
    expect(size).toBeLessThan(6_000_000);
  });

  test('holds beside Electron the archive, the command line with its Node, the prebuilt keychain module, and nothing else', () => {
    const electrons = filesIn(built.electron).map((file) => (file === 'electron' ? 'mirrorfleet-desktop' : file));
    const added = filesIn(built.folder).filter((file) => !electrons.includes(file));
    const cli = filesIn(join(checkout, 'out/cli'));
    expect(cli.filter((file) => !/^[\w.-]+\.mjs$/.test(file))).toEqual([]);
    expect(added).toEqual(
      [
        'LICENSE',
        'app.asar',
        'apparmor-profile',
        ...below('bin', ['LICENSE.node', 'mirrorfleet', 'node']),
        ...below('cli', cli),
        ...below('cli/pages', filesIn(join(checkout, 'out/pages'))),
        ...below('node_modules/@napi-rs/keyring', ['LICENSE', 'index.js', 'package.json']),
        ...below('node_modules/@napi-rs/keyring-linux-x64-gnu', [
          'LICENSE.third-party.md',
          'keyring.linux-x64-gnu.node',
          'package.json',
        ]),
      ]
        .map((file) => `resources/${file}`)
        .sort(),
    );
    expect(added.filter((file) => lstatSync(join(built.folder, file)).isSymbolicLink())).toEqual([]);
  });

  test('gives root one file to run, made of nothing but itself and Node', () => {
    const text = readFileSync(resources('cli/privileged-helper.mjs'), 'utf8');
    const imports = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*["']([^"']+)["']/g)].map(
      (match) => match[1] ?? '',
    );
    expect(imports.length).toBeGreaterThan(3);
    expect(imports.filter((each) => !each.startsWith('node:'))).toEqual([]);
  });
});
