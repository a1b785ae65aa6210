import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemOf } from '../../../preload/contract/problem.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import { NodeStore } from '../../../main/store/nodes.ts';
import { pathsOf } from '../../../main/store/paths.ts';
import { defaultSettings, SettingsStore } from '../../../main/store/settings.ts';
import { problemCode } from '../problem-code.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = {
  spec: {
    name: 'tokyo',
    kind: 'ssh' as const,
    target: { destination: 'root@h' },
    upstreams: ['docker.io'],
    address: 'h',
    port: 443,
  },
  hostKeys: {},
};

test('only one core at a time gets the instance lock, and the next one gets it when the first lets go', () => {
  const first = takeInstanceLock(folder);
  expect(first).toBeTypeOf('function');
  expect(takeInstanceLock(folder)).toBeUndefined();
  first?.();
  const second = takeInstanceLock(folder);
  expect(second).toBeTypeOf('function');
  second?.();
});

test('nodes are remembered, and an unknown one is refused with the names there are', () => {
  const store = new NodeStore(folder);
  store.put(record);
  expect(new NodeStore(folder).get('tokyo')).toEqual(record);
  try {
    store.get('osaka');
  } catch (error) {
    expect(problemOf(error)).toMatchObject({ code: 'node-unknown', hint: 'Nodes are: tokyo.' });
  }
  store.remove('tokyo');
  expect(store.list()).toEqual([]);
});

test('a settings file that does not fit is refused and left as it is', () => {
  const file = join(folder, 'settings.json');
  writeFileSync(file, '{"vault":"under the mat"}');
  expect(problemCode(() => new SettingsStore(folder).get())).toBe('settings-unreadable');
  writeFileSync(file, '{"vault":');
  expect(problemCode(() => new SettingsStore(folder))).toBe('store-unreadable');
  expect(readFileSync(file, 'utf8')).toBe('{"vault":');
});

test('settings keep what was set beside the defaults', () => {
  new SettingsStore(folder).update({ vault: 'key-file' });
  expect(new SettingsStore(folder).get()).toEqual({ ...defaultSettings, vault: 'key-file' });
});

test.each([
  ['linux', {}, '/home/a/.config/mirrorfleet', '/home/a/.local/state/mirrorfleet/run/core.sock'],
  ['linux', { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, '/c/mirrorfleet', '/s/mirrorfleet/run/core.sock'],
  ['linux', { MIRRORFLEET_HOME: '/p' }, '/p/config', '/p/run/core.sock'],
  [
    'darwin',
    {},
    '/home/a/Library/Application Support/Mirrorfleet',
    '/home/a/Library/Application Support/Mirrorfleet/run/core.sock',
  ],
] as const)('files on %s with %j', (platform, env, config, socket) => {
  expect(pathsOf(env, platform, '/home/a')).toMatchObject({ config, socket });
});
