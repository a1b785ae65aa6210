import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Attempt } from './full-disk-writer.ts';

const attemptSchema = z.object({ file: z.string(), room: z.number(), outcome: z.string(), whole: z.boolean() });

let folder: string;
let attempts: readonly Attempt[];

/** All attempts, in a mount namespace with a disk of 1.5 MB that goes away with it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
  const writer = resolve(import.meta.dirname, 'full-disk-writer.ts');
  const script = 'mount -t tmpfs -o size=1500k,mode=700 none "$1" && exec "$2" "$3" "$1"';
  const said = execFileSync('unshare', ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, writer], {
    encoding: 'utf8',
  });
  attempts = said
    .trim()
    .split('\n')
    .map((line) => attemptSchema.parse(JSON.parse(line)));
});
afterAll(() => rmdirSync(folder));

const of = (file: string): readonly Attempt[] => attempts.filter((each) => each.file === file);

test.each([
  ['settings.json', 'store-not-written'],
  ['nodes.json', 'store-not-written'],
  ['switches.json', 'store-not-written'],
  ['vault.json', 'store-not-written'],
  ['vault.key', 'store-not-written'],
  ['preferences.json', 'preferences-not-written'],
  ['mirrorfleet.desktop', 'login-item-failed'],
])('%s on a full disk is told and as it was, with room it is written, and never a part of it', (file, code) => {
  const found = of(file);
  expect(found.length).toBeGreaterThan(3);
  expect(found.filter(({ whole }) => !whole)).toEqual([]);
  expect([...new Set(found.map(({ outcome }) => outcome))].toSorted()).toEqual([code, 'written'].toSorted());
  expect(found.find(({ room }) => room === 0)?.outcome).toBe(code);
  expect(found.at(-1)?.outcome).toBe('written');
});

test.each([
  ['activity.db', 'activity-not-written'],
  ['activity.db, full at the start', 'activity-not-written'],
  ['history.db', 'history-not-written'],
  ['history.db, full at the start', 'history-not-written'],
])('%s: a full disk is told once, what was kept stays, and with room it is kept again', (file, code) => {
  expect(of(file)).toEqual([{ file, room: 0, outcome: code, whole: true }]);
});

test('a core can start on a full disk, and is not taken for another one', () => {
  expect(of('core.lock')).toEqual([{ file: 'core.lock', room: 0, outcome: 'written', whole: true }]);
});
