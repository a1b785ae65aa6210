import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import type { Command, Host } from '../../../main/hosts/host.ts';
import { localHost } from '../../../main/hosts/local-host.ts';
import {
  parseCacheSizes,
  parseMachineFacts,
  readCacheSizes,
  readMachineFacts,
} from '../../../main/monitor/machine-facts.ts';

const upstreams = ['docker.io', 'ghcr.io', 'registry.example:5000'];
const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const { signal } = new AbortController();

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'machine facts-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function lay(path: string, content: string): Promise<void> {
  const file = join(base, 'data', path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
}
const blob = (letter: string, content = 'x') =>
  lay(`blobs/sha256/${letter.repeat(2)}/${letter.repeat(64)}/data`, content);
const repositories = (storage: string) => `${storage}/docker/registry/v2/repositories`;
const tag = (storage: string, repository: string, name: string, letter: string) =>
  lay(`${repositories(storage)}/${repository}/_manifests/tags/${name}/current/link`, digestOf(letter));
const layer = (storage: string, repository: string, letter: string) =>
  lay(`${repositories(storage)}/${repository}/_layers/sha256/${letter.repeat(64)}/link`, digestOf(letter));
const look = (at = base) =>
  readMachineFacts(localHost('here'), nodeLayout({ base: at }), upstreams, { elevated: false, signal });

test('a look finds the probe image where it is cached, else any, and only what is there in full', async () => {
  await Promise.all(['a', 'b', 'c'].map((letter) => blob(letter)));
  await blob('e', '');
  await tag('docker.io', 'library/busybox', 'latest', 'a');
  await tag('docker.io', 'library/alpine', '3', 'b');
  // Neither is there: one was never fetched, of the other the fetching broke off.
  await layer('docker.io', 'library/busybox', 'd');
  await layer('docker.io', 'library/busybox', 'e');
  await layer('docker.io', 'library/busybox', 'f');
  await blob('f');
  await tag('registry.example_5000', 'team/app', 'v1', 'c');
  await tag('ghcr.io', 'team/gone', 'v1', 'd');
  const facts = await look();
  expect(Object.fromEntries(facts.cached)).toEqual({
    'docker.io': { repository: 'library/busybox', tag: 'latest', manifest: digestOf('a'), blob: digestOf('f') },
    'registry.example:5000': { repository: 'team/app', tag: 'v1', manifest: digestOf('c') },
  });
  expect(facts.unreadable).toBe(false);
});

test('a look finds the disk that the cache is on, also before there is one', async () => {
  const { blocks, bsize, files } = await statfs(base);
  for (const facts of [await look(), await look(join(base, 'not there yet'))]) {
    expect(facts.totalBytes).toBeGreaterThan(0);
    expect(facts.freeBytes).toBeGreaterThan(0);
    expect(facts.cached.size).toBe(0);
  }
  const { totalBytes, totalInodes } = await look();
  expect(Math.abs(totalBytes / (blocks * bsize) - 1)).toBeLessThan(0.2);
  expect(totalInodes).toBe(files);
});

test('a look says where a cache that is there cannot be read', async () => {
  await mkdir(join(base, 'data'));
  expect((await look()).unreadable).toBe(true);
  expect((await look(join(base, 'not there yet'))).unreadable).toBe(false);
});

it.each([
  ['of the machine', readMachineFacts, 15_000],
  ['at the size of its cache', readCacheSizes, 180_000],
])('a look %s is as one is told to, ends in time, and is broken off with the watch', async (_, read, timeoutMs) => {
  const asked: Command[] = [];
  const host: Pick<Host, 'run'> = {
    run: (command) => {
      asked.push(command);
      return Promise.resolve({ code: 0, stdout: '', stderr: '' });
    },
  };
  for (const elevated of [true, false]) {
    await read({ ...localHost('here'), ...host }, nodeLayout({}), ['docker.io'], { elevated, signal });
  }
  expect(asked.map((command) => command.elevated)).toEqual([true, false]);
  for (const command of asked) {
    expect(command).toMatchObject({ timeoutMs, signal });
    expect(command.argv).toContain('/opt/mirrorfleet/data/blobs');
    expect(command.maxOutputBytes ?? 65_536).toBeGreaterThanOrEqual(65_536);
  }
});

it.each([
  ['disk\t40', { totalBytes: 40, freeBytes: 0 }],
  ['disk\t-5\t-1', { totalBytes: 0, freeBytes: 0 }],
  ['disk\t1e999\tx', { totalBytes: 0, freeBytes: 0 }],
  ['disks\t1\t1\ndisk 2 2', { totalBytes: 0, freeBytes: 0 }],
  ['inodes\t7\t6', { totalInodes: 7, freeInodes: 6 }],
  ['inode\t7\t6', { totalInodes: 0, freeInodes: 0 }],
  ['it is unreadable', { unreadable: false }],
])('of the line %j are taken %j', (line, expected) => {
  expect(parseMachineFacts(line, upstreams)).toMatchObject(expected);
});

it.each([
  ['no repository', `cached\tdocker.io\t\tlatest\t${digestOf('a')}\t`],
  ['no tag', `cached\tdocker.io\tlibrary/app\t\t${digestOf('a')}\t`],
  ['no digest', 'cached\tdocker.io\tlibrary/app\tlatest'],
  ['a digest with something before it', `cached\tdocker.io\tlibrary/app\tlatest\tx${digestOf('a')}\t`],
  ['a digest with something behind it', `cached\tdocker.io\tlibrary/app\tlatest\t${digestOf('a')}0\t`],
  ['another word before it', `caches\tdocker.io\tlibrary/app\tlatest\t${digestOf('a')}\t`],
])('an image with %s is none', (_, line) => {
  expect(parseMachineFacts(line, upstreams).cached.size).toBe(0);
});

test('a layer that is no digest is none, and the image is there all the same', () => {
  const said = `cached\tdocker.io\tlibrary/app\tlatest\t${digestOf('a')}\tnonsense`;
  expect(parseMachineFacts(said, upstreams).cached.get('docker.io')).toEqual({
    repository: 'library/app',
    tag: 'latest',
    manifest: digestOf('a'),
  });
});

it.each([
  ['total\t9\nupstream\tdocker.io\tx7\nupstream\tdocker.io\t7x', {}],
  ['total\t9\nupstream\tdocker.io\t1\t7', {}],
  ['total\t9\nother\tdocker.io\t7', {}],
  ['total\t9\nupstream\tregistry.example_5000\t70', { 'registry.example:5000': 70 }],
])('of the sizes %j are taken %j', (text, expected) => {
  const sizes = parseCacheSizes(text, upstreams);
  expect([sizes?.bytes, Object.fromEntries(sizes?.upstreams ?? [])]).toEqual([9, expected]);
});
