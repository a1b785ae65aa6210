import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { watchTrayHost } from '../../../main/shell/status-notifier.ts';

function watched(platform: NodeJS.Platform = 'linux') {
  const programs: string[] = [];
  const told: boolean[] = [];
  let stdout = new PassThrough();
  let end: (how: { readonly missing: boolean }) => void = () => {};
  const host = watchTrayHost(platform, ([program = '']) => {
    programs.push(program);
    const output = new PassThrough();
    stdout = output;
    return { stdout: output, onEnd: (listener) => (end = listener), kill: () => output.end() };
  });
  host.subscribe(() => told.push(host.there()));
  return { host, told, programs, stdout, end: (missing: boolean) => end({ missing }) };
}

test('a desktop that shows no trays, then does, then does not, is followed', async () => {
  const { told, stdout } = watched();
  stdout.write('Monitoring signals from all objects owned by org.kde.StatusNotifierWatcher\n');
  stdout.write('The name org.kde.StatusNotifierWatcher does not have an owner\n');
  stdout.write('The name org.kde.StatusNotifierWatcher is owned by :1.8\n');
  stdout.write('/StatusNotifierWatcher: org.kde.StatusNotifierWatcher.StatusNotifierItemRegistered (":1.8",)\n');
  stdout.write('The name org.kde.StatusNotifierWatcher does not have an owner\n');
  await expect.poll(() => told).toEqual([false, true, false]);
});

test('one that shows them from the start tells of no change', async () => {
  const { host, told, stdout } = watched();
  stdout.write('The name org.kde.StatusNotifierWatcher is owned by :1.8\n');
  stdout.end();
  await expect.poll(() => stdout.readableEnded).toBe(true);
  expect([host.there(), told]).toEqual([true, []]);
});

test('without a session bus there is no tray', () => {
  const { host, programs, end } = watched();
  end(false);
  expect(host.there()).toBe(true);
  end(false);
  expect([host.there(), programs]).toEqual([false, ['setpriv', 'gdbus']]);
});

test('without the program that tells, a tray is taken to be there', () => {
  const { host, programs, end } = watched();
  end(true);
  end(true);
  expect([host.there(), programs]).toEqual([true, ['setpriv', 'gdbus']]);
});

test('a watch that ends later leaves what it told last', async () => {
  const { host, programs, stdout, end } = watched();
  stdout.write('The name org.kde.StatusNotifierWatcher does not have an owner\n');
  await expect.poll(() => host.there()).toBe(false);
  end(false);
  expect([host.there(), programs]).toEqual([false, ['setpriv']]);
});

test('other systems always show trays, and nothing is started to find out', () => {
  const { host, programs } = watched('darwin');
  expect([host.there(), programs]).toEqual([true, []]);
});
