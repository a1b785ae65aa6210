import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Api, type Services } from '../../../main/api.ts';
import { type Connection, connectLocalSocket } from '../../../main/endpoints/client.ts';
import { serveLocalSocket } from '../../../main/endpoints/local-socket.ts';
import { createRouter } from '../../../main/endpoints/router.ts';
import { LiveState } from '../../../main/live-state.ts';
import { silentLog } from '../../../main/log/log.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import type { Task } from '../../../preload/contract/task.ts';

let folder: string;
let socket: string;
let live: LiveState;
let stop: () => Promise<void>;
let connections: Connection[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'socket-'));
  socket = join(folder, 'core.sock');
  live = new LiveState('1', 'dev@laptop');
  connections = [];
  // Only what a watcher needs.
  const api = new Api({ live } as Services);
  stop = await serveLocalSocket(socket, createRouter(api, silentLog), silentLog, () => Promise.resolve(''));
});
afterEach(async () => {
  for (const each of connections) await each.close();
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function connected(): Promise<Connection> {
  const connection = await connectLocalSocket(socket);
  if (!connection) throw new Error('nobody listens');
  connections.push(connection);
  return connection;
}

const shapeOf = ({ state, steps }: Task): string => [state, ...steps.map((step) => `${step.id} ${step.state}`)].join();

test('a switch shows in every other client within 250 ms of each of its steps', async () => {
  const clients = await Promise.all([connected(), connected()]);
  const late: number[] = [];
  const watching = clients.map(async ({ client }) => {
    for await (const change of await client.live.watch()) {
      if (change.kind !== 'task') continue;
      late.push(performance.now() - (told.get(shapeOf(change.task)) ?? -Infinity));
      if (change.task.state === 'done') return;
    }
  });
  const told = new Map<string, number>();
  const tasks = new Tasks((task) => {
    told.set(shapeOf(task), performance.now());
    live.apply({ kind: 'task', task });
  });
  await new Promise((resolve) => setImmediate(resolve));
  await tasks.run({ kind: 'switch', subject: 'docker', title: 'Switch' }, async (job) => {
    for (const id of ['probe', 'rights', 'files', 'reload', 'proof'])
      await job.step(id, id, () => new Promise((resolve) => setImmediate(resolve)));
  });
  await Promise.all(watching);
  expect(late.length).toBeGreaterThanOrEqual(2);
  expect(Math.max(...late)).toBeLessThan(250);
});

test('a client that does not read is not waited for in memory: it gets a fresh snapshot when it reads again', async () => {
  const websocket = new WebSocket(`ws+unix:${socket}:/`, { perMessageDeflate: false });
  await new Promise((resolve) => websocket.once('open', resolve));
  const received: string[] = [];
  websocket.on('message', (data: Buffer) => received.push(data.toString()));
  websocket.send(JSON.stringify({ i: '1', p: { u: '/live/watch' } }));
  await expect.poll(() => received.some((each) => each.includes('"snapshot"'))).toBe(true);
  websocket.pause();
  const note = { code: 'plain', values: { text: 'x'.repeat(10_000) } };
  const count = 5_000;
  for (let at = 1; at <= count; at += 1) {
    const steps = [{ id: 'a', label: 'A', state: 'running' as const, note }];
    const task = {
      id: 'one',
      kind: 'prune' as const,
      subject: 'n',
      title: 't',
      state: 'running' as const,
      startedAt: at,
      steps,
    };
    live.apply({ kind: 'task', task });
    if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  websocket.resume();
  const last = () => received.at(-1) ?? '';
  await expect.poll(() => last().includes(`"startedAt":${count}`), { timeout: 5000 }).toBe(true);
  expect(received.length).toBeLessThan(count / 2);
  expect(received.filter((each) => each.includes('"snapshot"')).length).toBeGreaterThan(1);
  websocket.terminate();
});

test.each([
  ['a folder', 'in its place', (path: string) => mkdirSync(path, { recursive: true })],
  ['a file', 'in the place of its folder', (path: string) => writeFileSync(dirname(path), '')],
])('a socket that %s %s keeps from being made is told by its name', async (_what, _where, spoil) => {
  const path = join(folder, 'run', 'core.sock');
  spoil(path);
  const serving = serveLocalSocket(path, createRouter(new Api({ live } as Services), silentLog), silentLog, () =>
    Promise.resolve(''),
  );
  await expect(serving).rejects.toMatchObject({ problem: { code: 'store-not-written' } });
});
