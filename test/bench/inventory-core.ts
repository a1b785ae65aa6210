import { readFileSync } from 'node:fs';
import { readInventory } from '../../main/cache/inventory.ts';
import { readSnapshot } from '../../main/cache/read-inventory.ts';
import { Stage } from '../integration/provision-stage.ts';
import { attachLab } from '../lab/lab.ts';

/* node test/bench/inventory-core.ts FOLDER: lists the store at alpha's folder as the core does, and prints how long it took and how much more memory. */

const stage = await Stage.open(await attachLab(), 'alpha');
const memory = (name: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
const before = memory('VmRSS');
const began = performance.now();
const snapshot = await readSnapshot(stage.host, { ...stage.spec, base: process.argv[2] ?? '' });
const { images } = readInventory(snapshot);
const ms = performance.now() - began;
const peakMb = memory('VmHWM') - before;
await stage.host.close();
process.stdout.write(JSON.stringify({ ms, blobs: snapshot.blobs.size, images: images.length, peakMb }));
