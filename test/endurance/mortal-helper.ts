import { readFileSync } from 'node:fs';
import { append, watchChanges } from '../integration/mortal-files.ts';
import { orderFile, orderSchema, pointsFile } from './mortal-order.ts';

/**
 * The privileged helper of the product, which at one point of its work kills whom the order names: the core that started it, itself, both at
 * once as a power cut does, or the engine. Run as root on the laptop.
 */
const { at, victims, enginePidFile } = orderSchema.parse(JSON.parse(readFileSync(orderFile, 'utf8')));

/** The processes between the core and this one, the core first. */
function ancestors(): number[] {
  const found: number[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    found.unshift(pid);
    if (/^[^\0]*node\0[^\0]*runtimes-driver/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return found;
    pid = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  }
  throw new Error('no core above this helper');
}

watchChanges((point, name) => {
  append(pointsFile, `${name}\n`);
  if (point !== at) return;
  if (victims.includes('engine')) process.kill(Number(readFileSync(enginePidFile, 'utf8')), 'SIGKILL');
  const [core, ...between] = victims.some((each) => each !== 'engine') ? ancestors() : [];
  if (victims.includes('core') && core !== undefined) process.kill(core, 'SIGKILL');
  if (!victims.includes('helper')) return;
  for (const pid of between) process.kill(pid, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
});
await import('../../main/runtimes/privileged-helper.ts');
