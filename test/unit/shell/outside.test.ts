import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayOpen, outside } from '../../../main/shell/outside.ts';
import { linkedPlaces } from '../../../preload/contract/linked-places.ts';

const root = join(import.meta.dirname, '../../..');
const [place] = linkedPlaces;

function seen(answer = '') {
  const done: unknown[] = [];
  const shell = {
    openExternal: async (address: string): Promise<void> => void done.push(['browser', address]),
    openPath: async (path: string): Promise<string> => {
      done.push(['folder', path]);
      return answer;
    },
    showItemInFolder: (path: string): void => void done.push(['file', path]),
  };
  const clipboard = { writeText: async (text: string): Promise<void> => void done.push(['copied', text]) };
  return { done, beyond: outside(shell, clipboard, { coreLog: '/l/core.log', settingsFolder: '/c' }) };
}

test('a link of ours is shown in the browser', async () => {
  const { done, beyond } = seen();
  await beyond.openLink(`${place}615/appindicator-support/#readme`);
  expect(done).toEqual([['browser', `${place}615/appindicator-support/#readme`]]);
});

test.each([
  'http://extensions.gnome.org/extension/615/',
  'https://extensions.gnome.org.example/extension/',
  'https://extensions.gnome.org/extensions/',
  'https://extensions.gnome.org/extension/../someone/else',
  'https://extensions.gnome.org/extension/%2e%2e/someone',
  'https://extensions.gnome.org@example.com/extension/',
  'https://user:pw@extensions.gnome.org/extension/',
  'https://extensions.gnome.org:8443/extension/',
  'https://example.com/?https://extensions.gnome.org/extension/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'mirrorfleet://node/tokyo',
  'smb://server/share',
  'extensions.gnome.org/extension/',
  '',
  `https://extensions.gnome.org/extension/${'a'.repeat(2000)}`,
])('%s is not opened', async (address) => {
  const { done, beyond } = seen();
  await expect(beyond.openLink(address)).rejects.toMatchObject({ problem: { code: 'link-not-allowed' } });
  expect(done).toEqual([]);
});

test('whatever an address says, what is opened begins with a place that we link to', () => {
  const parts = fc.constantFrom(
    'https:',
    '//',
    'extensions.gnome.org',
    '/extension',
    '/',
    '..',
    '@',
    ':',
    '\\',
    '%2f',
    '#',
    '?',
    ' ',
    '\t',
    'a',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (some) => {
      const address = some.join('');
      if (mayOpen(address)) expect(new URL(address).href.startsWith(place)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('every https link of the pages is one that may be opened', () => {
  const links = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(root, 'renderer', file), 'utf8').matchAll(/['"](https:\/\/[^'"\s]+)['"]/g),
    ])
    .map(([, address = '']) => address);
  expect(links).not.toEqual([]);
  expect(links.filter((address) => !mayOpen(address))).toEqual([]);
});

test('the log is shown among its files, the settings as a folder, and nothing else can be named', async () => {
  const { done, beyond } = seen();
  await beyond.reveal('core-log');
  await beyond.reveal('settings-folder');
  await beyond.copy('a line');
  expect(done).toEqual([
    ['file', '/l/core.log'],
    ['folder', '/c'],
    ['copied', 'a line'],
  ]);
});

test('a folder that the system cannot show is said', async () => {
  await expect(seen('no application').beyond.reveal('settings-folder')).rejects.toMatchObject({
    problem: { code: 'folder-not-shown' },
  });
});
