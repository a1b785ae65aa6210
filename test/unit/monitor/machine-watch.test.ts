import { expect, test } from 'vitest';
import type { Command, Host } from '../../../main/hosts/host.ts';
import { Secret } from '../../../main/log/secret.ts';
import { MachineWatch } from '../../../main/monitor/machine-watch.ts';
import type { Disk } from '../../../preload/contract/status.ts';
import { TurnedClock } from './turned-clock.ts';

/** A machine that prints this for its disk, and whose cache has a size. */
function machine(disk: () => string): Host {
  const none = (): never => {
    throw new Error('no files are read');
  };
  return {
    name: 'tokyo',
    roundTrips: 0,
    run: ({ input }: Command) => {
      const script = typeof input === 'string' ? input : '';
      const stdout = script.includes('df -Pk') ? disk() : script.includes('du -ak') ? 'total\t7\n' : '';
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
    readFile: none,
    replaceFile: none,
    removeFile: none,
    connect: () => Promise.reject(new Error('nothing listens')),
    close: () => Promise.resolve(),
  };
}

test('a disk whose size could not be read is not known: it is not called full, and history does not keep it as empty', async () => {
  const clock = new TurnedClock();
  const kept: Disk[] = [];
  const watch = new MachineWatch(clock, { metrics: () => {}, disk: (disk) => kept.push(disk) });
  let printed = 'disk\t40\t20\ninodes\t9\t8\n';
  const host = machine(() => printed);
  const look = async (): Promise<void> => {
    await clock.turn(11 * 60_000);
    const node = {
      spec: { name: 'tokyo', address: 'tokyo.example', port: 443, upstreams: ['docker.io'] },
      applied: true,
      identity: () => Promise.resolve({}),
      metricsToken: () => Promise.resolve(new Secret('token')),
      host: () => Promise.resolve(host),
    };
    await watch.look(node, true, Promise.resolve(), new AbortController().signal)?.done;
  };
  const seen: Disk = { totalBytes: 40, freeBytes: 20, totalInodes: 9, freeInodes: 8, cacheBytes: 7 };
  await look();
  expect([watch.disk, kept]).toEqual([seen, [seen]]);
  printed = 'inodes\t9\t8\n';
  await look();
  expect([watch.disk, kept]).toEqual([undefined, [seen]]);
});
