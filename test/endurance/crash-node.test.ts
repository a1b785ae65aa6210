import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommand } from '../e2e/node-command.ts';
import { Product, forgetImages, pictureOfServer } from '../e2e/product.ts';
import { type Lab, type Machine, attachLab } from '../lab/lab.ts';
import { chanceOf } from '../pages/world/chance.ts';
import { amount, full, seed } from './length.ts';
import { NodeClient } from './node-client.ts';
import { type Crash, type Moment, crash, crashes, reached } from './node-crash.ts';
import { halfWritten, nodeFiles, remains } from './node-picture.ts';
import { type Scene, apply, remove, scenesOf } from './node-scenes.ts';

const home = 'crash-node';
const name = 'alpha.fleet.test';

let lab: Lab;
let alpha: Machine;
let laptop: Machine;
let product: Product;
let client: NodeClient;
let bare: string;

beforeAll(async () => {
  lab = await attachLab();
  [alpha, laptop] = await Promise.all([lab.machine('alpha'), lab.machine('laptop')]);
  product = new Product(laptop, home);
  client = new NodeClient(lab, product, alpha.ip);
  await lab.internet.addName(name, alpha.ip);
  await lab.internet.gate.setQuota(alpha.ip, 100_000);
  await product.must(['settings', 'vault', 'key-file']);
  bare = await pictureOfServer(alpha);
});

afterAll(async () => {
  await sweep();
  await forgetImages(laptop);
  await laptop.exec(['sh', '-c', `rm -rf /home/dev/${home}*`]);
});

/** A server as it was, whatever a failed trial left of it. */
async function sweep(): Promise<void> {
  const script = `docker ps -aq | xargs -r docker rm -f; docker network prune -f; docker images -q | sort -u | xargs -r docker rmi -f
    rm -rf /opt/mirrorfleet; systemctl disable --now mirrorfleet-prune.timer; rm -f /etc/systemd/system/mirrorfleet*; systemctl daemon-reload`;
  await alpha.exec(['sh', '-c', script]);
  await product.run([...remove, '--forget']);
}

/** Plays a scene, crashes it, and looks at what is left, what the next run makes of it, and what that leaves. False where it had ended before. */
async function disturb(scene: Scene, kind: Crash, moment: Moment): Promise<boolean> {
  await scene.prepare();
  const before = await nodeFiles(alpha);
  const command = await startCommand(laptop, home, scene.words);
  const inTime = await reached(moment, command);
  const crashed = Date.now();
  await crash(kind, command, alpha);
  const { code, output } = await command.ended;
  const noticed = Date.now() - crashed;
  const left = await nodeFiles(alpha);
  const wrong = await client.wrongAnswers();
  const served = scene.serves ? await client.served() : 0;
  const began = Date.now();
  const said = await product.run(scene.next, { timeoutMs: 400_000 });
  const finished = Date.now() - began;
  // What was removed to its end is no longer known.
  const ends = said.code === 0 || (scene.words === remove && said.stderr.includes('node-unknown'));
  if (!ends) throw new Error(`${said.stdout}\n${said.stderr}\nafter it ended with ${code}:\n${output}`);
  const givenUp = scene.next !== scene.words;
  const half = givenUp ? [] : halfWritten(before, left, await nodeFiles(alpha));
  expect([...wrong, ...half, ...(await remains(alpha))]).toEqual([]);
  if (scene.next === remove) expect(await pictureOfServer(alpha)).toBe(bare);
  else expect(await product.must(apply)).toContain('Nothing to do');
  process.stdout.write(
    `measured: ${text(scene, kind, moment)}${inTime ? '' : ' (too late)'}: ended with ${code} after ${noticed} ms, served again after ${served} ms, finished by the next run in ${finished} ms\n`,
  );
  return inTime;
}

const text = (scene: Scene, kind: Crash, { done, ms }: Moment): string =>
  `${scene.title}, ${kind}, ${Math.round(ms)} ms after ${done} steps`;

test('whatever dies while a server is changed, and whenever: nothing wrong is served, and the next run finishes', async () => {
  process.stdout.write(`SEED=${seed}\n`);
  const chance = chanceOf(seed);
  const scenes = scenesOf(product, alpha, name);
  const failures: string[] = [];
  /** How many steps a scene has, once it was seen to end before one more. */
  const lengths = new Map<Scene, number>();
  let drawn = 0;
  const anyKind = (): Crash => crashes[Math.floor(chance() * crashes.length)] ?? 'core';
  const anyMoment = (scene: Scene): Moment => {
    drawn += 1;
    return { done: Math.floor(chance() * (lengths.get(scene) ?? 7)), ms: chance() * 1000 };
  };

  /** All scenes, one after another; a failure ends the lap, since the next scene begins where this one ends. */
  const lap = async (crashOf: (scene: Scene, index: number) => { kind: Crash; moment: Moment }): Promise<void> => {
    for (const [index, scene] of scenes.entries()) {
      const { kind, moment } = crashOf(scene, index);
      try {
        const inTime = await disturb(scene, kind, moment);
        if (!inTime && moment.ms === 0) lengths.set(scene, moment.done);
        if (scene.next === apply && !client.known) await client.keepCertificates('alpha');
      } catch (error) {
        failures.push(`${text(scene, kind, moment)}: ${error instanceof Error ? error.message : String(error)}`);
        process.stdout.write(`failed: ${failures.at(-1)}\n`);
        await sweep();
        return;
      }
    }
  };

  if (full) {
    for (let done = 0; lengths.size < scenes.length; done++)
      for (const kind of crashes)
        await lap((scene) => ({ kind, moment: lengths.has(scene) ? anyMoment(scene) : { done, ms: 0 } }));
    while (drawn < amount(3, 70)) await lap((scene) => ({ kind: anyKind(), moment: anyMoment(scene) }));
  } else {
    const turn = Math.floor(chance() * 6);
    await lap((scene, index) => {
      // A first apply has eleven steps; at its end the core has still to remember that there was one.
      if (index === 1) return { kind: 'core', moment: { done: 11, ms: 0 } };
      const kind = crashes[(index + turn) % crashes.length] ?? 'core';
      return { kind, moment: index % 2 === 0 ? anyMoment(scene) : { done: Math.floor(chance() * 7), ms: 0 } };
    });
  }
  expect(failures).toEqual([]);
});
