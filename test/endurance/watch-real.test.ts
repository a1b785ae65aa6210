import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hostKeyOf, Product } from '../e2e/product.ts';
import { attachLab, type Machine } from '../lab/lab.ts';

const nodeCount = 20;
const watchSeconds = 600;
/** Enough that memory was collected between some of them. */
const looksTaken = 12;

/** One look at the core's process from outside. */
interface Look {
  readonly descriptors: number;
  /** Memory that is the process's own, in bytes. */
  readonly ownBytes: number;
  /** Hundredths of a second of a processor, since its start. */
  readonly ticks: number;
  /** Its end of each connection to the edge. */
  readonly edgePorts: readonly string[];
}

let server: Machine;
let laptop: Machine;
let product: Product;
let core: ChildProcess;

beforeAll(async () => {
  const lab = await attachLab();
  server = await lab.machine('alpha');
  // Twenty names log in at once here; sshd would turn away most of those beyond ten, as it may.
  await server.mustExec(['sh', '-ec', `sed -i '1i MaxStartups 100' /etc/ssh/sshd_config; systemctl reload ssh`]);
  laptop = await lab.machine('laptop');
  product = new Product(laptop, 'endurance-watch');
  await product.must(['settings', 'vault', 'key-file']);
  const key = await hostKeyOf(server);
  await product.must(['node', 'add', 'watched', `root@${server.ip}`, '--accept-host-key', key]);
  await product.must(['node', 'apply', 'watched', '--yes'], { timeoutMs: 280_000 });
  const names = [process.execPath, join(import.meta.dirname, 'many-names.ts'), 'watched', `${nodeCount}`];
  await laptop.mustExec(names, { user: 'dev', env: { MIRRORFLEET_HOME: product.home } });
  core = product.start(['serve', '--headless']);
  // Before it holds the core's lock, a command would take that for itself, and the core end.
  let said = '';
  core.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  await vi.waitFor(() => expect(said).toContain('The core runs'), { timeout: 30_000 });
});

afterAll(async () => {
  const gone = once(core, 'close');
  await laptop.exec(['pkill', '-u', 'dev', '-f', 'cli.ts serve --headless']);
  await gone;
  await product.run(['node', 'remove', 'watched', '--yes']);
  await server.mustExec(['sh', '-ec', `sed -i 1d /etc/ssh/sshd_config; systemctl reload ssh`]);
});

/** How many nodes are fully known: up, and their machine looked at. */
async function known(): Promise<number> {
  const said = await product.run(['status', '--json']);
  if (said.code !== 0) return 0;
  const { nodes } = JSON.parse(said.stdout) as { nodes: { state: string; disk?: object }[] };
  return nodes.filter(({ state, disk }) => state === 'up' && disk !== undefined).length;
}

async function look(): Promise<Look> {
  const script = `p=$(pgrep -u dev -o -f '^[^ ]*node [^ ]*cli.ts serve --headless'); ls /proc/$p/fd | wc -l
    awk '/^(Private_Dirty|Private_Clean):/ {sum += $2} END {print sum * 1024}' /proc/$p/smaps_rollup
    awk '{print $14 + $15}' /proc/$p/stat
    awk '$4 == "01" && $3 ~ /:01BB$/ {print $2}' /proc/$p/net/tcp`;
  const [descriptors, ownBytes, ticks, ...edgePorts] = (await laptop.mustExec(['sh', '-c', script])).trim().split('\n');
  return { descriptors: Number(descriptors), ownBytes: Number(ownBytes), ticks: Number(ticks), edgePorts };
}

it(`watches one edge under ${nodeCount} names for ${watchSeconds} s with the same connections, files and memory`, async () => {
  await expect.poll(known, { timeout: 150_000, interval: 2000 }).toBe(nodeCount);
  const looks = [await look()];
  for (let at = 1; at < looksTaken; at += 1) {
    await pause((watchSeconds / (looksTaken - 1)) * 1000);
    looks.push(await look());
  }
  for (const { edgePorts, ...rest } of looks) console.log(JSON.stringify({ ...rest, edge: edgePorts.length }));
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last) throw new Error('The core was not looked at.');
  expect(first.descriptors).toBeGreaterThan(nodeCount);
  expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + 10);
  // Between two collections it goes up and down by tens of megabytes; what stays is at the low points.
  const low = (some: readonly Look[]): number => Math.min(...some.map(({ ownBytes }) => ownBytes));
  const half = looksTaken / 2;
  expect(low(looks.slice(half)) - low(looks.slice(0, half))).toBeLessThan(25e6);
  // A connection that is opened for a probe costs more than the probe: nearly all of them are those of before.
  const opened = last.edgePorts.filter((port) => !first.edgePorts.includes(port));
  expect(opened.length).toBeLessThanOrEqual(10);
});
