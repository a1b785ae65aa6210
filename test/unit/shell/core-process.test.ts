import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectLocalSocket } from '../../../main/endpoints/client.ts';
import { takeInstanceLock } from '../../../main/store/instance-lock.ts';
import { type Paths, pathsOf } from '../../../main/store/paths.ts';

const program = join(import.meta.dirname, '../../../main/core-process.ts');
const patient = { timeout: 60_000 };
const within = { timeout: 30_000 };
let folder: string;
let paths: Paths;
let env: NodeJS.ProcessEnv;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-'));
  env = { ...process.env, HOME: folder, MIRRORFLEET_HOME: folder };
  paths = pathsOf(env, process.platform, folder);
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function core(): { child: ChildProcess; said: Promise<unknown>; ended: Promise<unknown> } {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return {
    child,
    said: new Promise((resolve) => child.once('message', resolve)),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code))),
  };
}

/** Nothing of a core is left: its lock is free, its socket refuses. */
async function nothingLeft(): Promise<boolean> {
  const release = takeInstanceLock(paths.data);
  release?.();
  return release !== undefined && (await connectLocalSocket(paths.socket)) === undefined;
}

test('the core as a child says that it serves, and ends in order when it is told to', patient, async () => {
  const { child, said, ended } = core();
  expect(await said).toEqual({ kind: 'serving' });
  const reached = await connectLocalSocket(paths.socket);
  expect(await reached?.client.live.snapshot()).toMatchObject({ nodes: [] });
  child.send({ kind: 'end' });
  expect(await ended).toBe(0);
  expect(await nothingLeft()).toBe(true);
});

test('a core that may not start says why and waits until it is told to end', patient, async () => {
  const first = core();
  await first.said;
  const second = core();
  expect(await second.said).toMatchObject({ kind: 'failed', problem: { code: 'core-running' } });
  second.child.send({ kind: 'end' });
  expect(await second.ended).toBe(1);
  first.child.send({ kind: 'end' });
  expect(await first.ended).toBe(0);
});

test('a signal ends it in order', patient, async () => {
  const { child, said, ended } = core();
  await said;
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(await nothingLeft()).toBe(true);
});

test('a shell that is killed leaves no core behind', patient, async () => {
  const shell = spawn(
    process.execPath,
    [
      '-e',
      `require('child_process').spawn(process.execPath, [${JSON.stringify(program)}], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })`,
    ],
    { env, stdio: 'ignore' },
  );
  children.push(shell);
  await expect.poll(() => existsSync(paths.socket) && connectLocalSocket(paths.socket), within).toBeTruthy();
  shell.kill('SIGKILL');
  await expect.poll(nothingLeft, within).toBe(true);
});
