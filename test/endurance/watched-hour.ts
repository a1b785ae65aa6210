import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop, setTimeout as pause } from 'node:timers/promises';
import { createApp } from '../../main/app.ts';
import { type Connection, connectLocalSocket } from '../../main/endpoints/client.ts';
import { serveLocalSocket } from '../../main/endpoints/local-socket.ts';
import { createRouter } from '../../main/endpoints/router.ts';
import { silentLog } from '../../main/log/log.ts';
import { NodeStore } from '../../main/store/nodes.ts';
import { type Paths, pathsOf } from '../../main/store/paths.ts';
import { SettingsStore } from '../../main/store/settings.ts';
import { Vault } from '../../main/store/vault.ts';
import { VaultAccess } from '../../main/store/vault-access.ts';
import { TurnedClock } from '../unit/monitor/turned-clock.ts';
import { playedFleet, specOf } from './played-fleet.ts';
import type { Look } from './watched-looks.ts';

/**
 * node --expose-gc watched-hour.ts FOLDER MINUTES SEED LEAK   the real app over a played fleet of twenty nodes, for so many minutes of the
 * turned clock: nodes go and others come, two clients watch and come back again and again. Prints a {@link Look} as JSON every ten
 * minutes. LEAK bytes are kept for ever at each question, to show that such a thing would be seen.
 */
const [folder = '', minutes = '60', seed = '', leak = '0'] = process.argv.slice(2);
const nodeCount = 20;
const lookEveryMinutes = 10;
const paths = pathsOf({ MIRRORFLEET_HOME: folder }, process.platform, folder);

const leaked: Buffer[] = [];
let questions = 0;
const clock = new TurnedClock();
const world = playedFleet(clock, seed, () => {
  questions += 1;
  if (leak !== '0') leaked.push(Buffer.from('x'.repeat(Number(leak))));
});

const nodes = new NodeStore(paths.config);
let made = 0;
const standing: string[] = [];
function comes(): string {
  const name = `node-${(made += 1)}`;
  nodes.put({ spec: specOf(name), hostKeys: {}, appliedAt: 1 });
  standing.push(name);
  return name;
}
for (let at = 0; at < nodeCount; at += 1) comes();

new VaultAccess(new Vault(paths.config), new SettingsStore(paths.config), paths.config).choose('key-file', undefined);
const app = createApp({ paths, sink: () => {}, watch: true, world });
const router = createRouter(app.api, silentLog);
const stopServing = await serveLocalSocket(paths.socket, router, silentLog, () => Promise.resolve(''));

let heard = 0;
/** A client that shows everything, until it is closed. */
async function watches(): Promise<Connection> {
  const connection = await connectLocalSocket(paths.socket);
  if (!connection) throw new Error('Nobody listens.');
  const follow = async (): Promise<void> => {
    for await (const _each of await connection.client.live.watch()) heard += 1;
  };
  follow().catch(() => {});
  return connection;
}

let clients = [await watches(), await watches()];
for (let minute = 1; minute <= Number(minutes); minute += 1) {
  await clock.turn(60_000);
  if (minute % 3 === 0) {
    await clients.shift()?.close();
    clients = [...clients, await watches()];
  }
  if (minute % 5 === 0) {
    const gone = standing.shift() ?? '';
    await app.api.removeNode(gone, { keepCache: true, forget: true, breakLock: false });
    await app.api.unlockNode(comes(), {});
  }
  if (minute % lookEveryMinutes === 0) process.stdout.write(`${JSON.stringify(await look(minute, paths))}\n`);
}
for (const client of clients) await client.close();
await stopServing();
await app.close();
// Whoever waited for an answer hears within this time that none comes.
await clock.turn(60_000);
process.stdout.write(`${JSON.stringify({ timersLeft: clock.waiting })}\n`);

async function look(minute: number, { data }: Paths): Promise<Look> {
  // What a closed socket or an aborted request leaves for a later turn is no leak.
  for (let turn = 0; turn < 20; turn += 1) await turnOfTheLoop();
  await pause(300);
  for (let time = 0; time < 3; time += 1) {
    globalThis.gc?.();
    await turnOfTheLoop();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    minute,
    questions,
    heard,
    heapBytes: heapUsed + external,
    rssBytes: rss,
    handles: resources.length,
    descriptors: readdirSync('/proc/self/fd').length,
    timers: clock.waiting,
    nodes: app.api.snapshot().nodes.length,
    databaseBytes: ['history.db', 'history.db-wal'].reduce((sum, each) => sum + statSync(join(data, each)).size, 0),
  };
}
