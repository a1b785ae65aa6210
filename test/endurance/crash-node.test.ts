import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommand } from '../e2e/node-command.ts';
import { Product, forgetImages, pictureOfServer } from '../e2e/product.ts';
import { type Lab, type Machine, attachLab } from '../lab/lab.ts';
import { chanceOf } from '../pages/world/chance.ts';
import { type Trial, anyTrial, everyTrial, trialText } from './crash-trials.ts';
import { amount, full, seed } from './length.ts';
import { NodeClient } from './node-client.ts';
import { crash, reached } from './node-crash.ts';
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

/** Plays a scene, crashes it, and looks at what is left, what the next run makes of it, and what that leaves. */
async function disturb(scene: Scene, trial: Trial): Promise<void> {
  await scene.prepare();
  const before = await nodeFiles(alpha);
  const command = await startCommand(laptop, home, scene.words);
  const inTime = await reached(trial.moment, command);
  const crashed = Date.now();
  await crash(trial.kind, command, alpha);
  const { code, output } = await command.ended;
  const noticed = Date.now() - crashed;
  expect(inTime || trial.moment.ms > 0, `it has fewer steps:\n${output}`).toBe(true);
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
  const found = [...wrong, ...half, ...(await remains(alpha))];
  expect(found, found.join('; ')).toEqual([]);
  if (scene.next === remove) expect(await pictureOfServer(alpha)).toBe(bare);
  else expect(await product.must(apply)).toContain('Nothing to do');
  const words = `${scene.title}, ${trialText(trial)}: ended with ${code} after ${noticed} ms, served again after ${served} ms`;
  process.stdout.write(`measured: ${words}, finished by the next run in ${finished} ms\n`);
}

test('whatever dies while a server is changed, and whenever: nothing wrong is served, and the next run finishes', async () => {
  process.stdout.write(`SEED=${seed}\n`);
  const chance = chanceOf(seed);
  const scenes = scenesOf(product, alpha, name);
  const failures: string[] = [];
  /** All scenes, one after another; a failure ends the lap, since the next scene begins where this one ends. */
  const lap = async (trialOf: (scene: Scene, index: number) => Trial): Promise<void> => {
    for (const [index, scene] of scenes.entries()) {
      const trial = trialOf(scene, index);
      try {
        await disturb(scene, trial);
        if (scene.next === apply && !client.known) await client.keepCertificates('alpha');
      } catch (error) {
        failures.push(`${scene.title}, ${trialText(trial)}: ${error instanceof Error ? error.message : String(error)}`);
        process.stdout.write(`failed: ${failures.at(-1)}\n`);
        await sweep();
        return;
      }
    }
  };

  const trials = scenes.map((scene) => everyTrial(scene.steps, chance));
  let drawn = 0;
  const atAnyTime = (scene: Scene): Trial => {
    drawn += 1;
    return anyTrial(scene.steps, chance);
  };
  if (full) {
    while (trials.some((list) => list.length > 0))
      await lap((scene, index) => trials[index]?.shift() ?? atAnyTime(scene));
    while (drawn < amount(3, 70)) await lap(atAnyTime);
  } else {
    await lap((scene, index) => {
      // At the end of a first apply the core has still to remember that there was one.
      if (index === 1) return { kind: 'core', moment: { done: scene.steps, ms: 0 } };
      return (index % 2 === 1 ? trials[index]?.shift() : undefined) ?? atAnyTime(scene);
    });
  }
  expect(failures).toEqual([]);
});
