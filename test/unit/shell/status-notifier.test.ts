import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { watchTrayHost } from '../../../main/shell/status-notifier.ts';

function watched(platform: NodeJS.Platform = 'linux') {
  const stdout = new PassThrough();
  const told: boolean[] = [];
  let end = (_how: { readonly missing: boolean }): void => {};
  const start = vi.fn(() => ({ stdout, onEnd: (listener: typeof end) => (end = listener), kill: () => stdout.end() }));
  const host = watchTrayHost(platform, start);
  host.subscribe(() => told.push(host.there()));
  return { host, told, start, stdout, end: (missing: boolean) => end({ missing }) };
}

test('a desktop that shows no trays, then does, then does not, is followed', async () => {
  const { told, stdout } = watched();
  stdout.write('Monitoring signals from all objects owned by org.kde.StatusNotifierWatcher\n');
  stdout.write('The name org.kde.StatusNotifierWatcher does not have an owner\n');
  stdout.write('The name org.kde.StatusNotifierWatcher is owned by :1.8\n');
  stdout.write('/StatusNotifierWatcher: org.kde.StatusNotifierWatcher.StatusNotifierItemRegistered (":1.8",)\n');
  stdout.write('The name org.kde.StatusNotifierWatcher does not have an owner\n');
  await vi.waitFor(() => expect(told).toEqual([false, true, false]));
});

test('one that shows them from the start tells of no change', async () => {
  const { host, told, stdout } = watched();
  stdout.write('The name org.kde.StatusNotifierWatcher is owned by :1.8\n');
  stdout.end();
  await vi.waitFor(() => expect(stdout.readableEnded).toBe(true));
  expect([host.there(), told]).toEqual([true, []]);
});

test('without a session bus there is no tray', () => {
  const { host, end } = watched();
  end(false);
  expect(host.there()).toBe(false);
});

test('without the program that tells, a tray is taken to be there', () => {
  const { host, end } = watched();
  end(true);
  expect(host.there()).toBe(true);
});

test('other systems always show trays, and nothing is started to find out', () => {
  const { host, start } = watched('darwin');
  expect([host.there(), start.mock.calls.length]).toEqual([true, 0]);
});
