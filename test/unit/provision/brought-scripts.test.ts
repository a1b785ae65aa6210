import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noteScript, pullScript, removeImagesScript } from '../../../main/provision/brought-scripts.ts';

const id = `sha256:${'a'.repeat(64)}`;
const reference = 'docker.io/library/registry:3.1.1';

let folder: string;
let base: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-brought-'));
  base = join(folder, 'node');
  mkdirSync(base);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a script where `docker` behaves as the test needs it; its words so far are in the file `said`. */
function run(script: string, args: readonly string[], docker = '') {
  const program = `#!/bin/sh\necho "$*" >>"${folder}/said"\n${docker}\n`;
  writeFileSync(join(folder, 'docker'), program);
  chmodSync(join(folder, 'docker'), 0o755);
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder };
  return spawnSync('sh', ['-c', script, 'sh', base, ...args], { encoding: 'utf8', env });
}
const list = () => readFileSync(join(base, '.brought'), 'utf8');

it('a pull that ends well leaves the id on the list', () => {
  const found = run(pullScript, [reference], `case $1 in image) echo ${id};; esac`);
  expect(found.status).toBe(0);
  expect(list()).toBe(`${id}\n`);
  expect(readdirSync(base)).toEqual(['.brought']);
});

it('a pull that fails leaves the list as it was, and what Docker said on standard error', () => {
  run(noteScript, [id]);
  const failed = run(pullScript, [reference], 'echo "no route" >&2; exit 1');
  expect(failed).toMatchObject({ status: 1, stderr: 'no route\n' });
  expect(list()).toBe(`${id}\n`);
});

it('an image whose pull ended with the power of the machine goes with the node too', () => {
  run(pullScript, [reference], 'kill -9 $PPID');
  expect(list()).toBe(`${reference}\n`);
  const docker = `case "$1 $2 $3" in
    "image inspect --format") echo "registry:3.1.1 " ;;
    "image inspect --") [ ! -e "${folder}/gone" ] ;;
    "image rm --") [ "$4" != registry:3.1.1 ] || : >"${folder}/gone" ;;
    esac`;
  expect(run(removeImagesScript, ['pulls-of-unit'], docker).stdout).toBe('removed\n');
});

it('notes that two runs make at one moment do not fail of each other, and leave alone what is being written', async () => {
  mkdirSync(join(base, '.incoming'));
  const notes = Array.from({ length: 40 }, () => spawn('sh', ['-c', noteScript, 'sh', base, id], { stdio: 'ignore' }));
  const codes = await Promise.all(notes.map(async (note) => (await once(note, 'close'))[0] as unknown));
  expect(codes).toEqual(Array.from({ length: 40 }, () => 0));
  expect(readdirSync(base).toSorted()).toEqual(['.brought', '.incoming']);
  expect(list()).toBe(`${id}\n`);
});

it('an image that is gone already is not said to be removed, and one that stays is', () => {
  run(noteScript, [id]);
  expect(run(removeImagesScript, ['pulls-of-unit'], 'exit 1').stdout).toBe('');
  expect(run(removeImagesScript, ['pulls-of-unit'], 'exit 0').stdout).toBe('kept\n');
});
