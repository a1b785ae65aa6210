import { beforeEach, expect, test } from 'vitest';
import { Caches } from '../../../main/cache/caches.ts';
import type { Command, CommandResult, Host } from '../../../main/hosts/host.ts';
import { Tasks } from '../../../main/tasks/tasks.ts';
import { type PrunePolicy, standardPrune } from '../../../preload/contract/cache.ts';
import type { Change, Prunable } from '../../../preload/contract/live.ts';
import type { NodeSpec } from '../../../preload/contract/node.ts';
import { hexOf, noon } from './cache-model.ts';

const spec: NodeSpec = {
  name: 'tokyo',
  kind: 'ssh',
  target: { destination: 'tokyo' },
  upstreams: ['docker.io'],
  address: 'tokyo',
  port: 443,
};
/** A cache with one file of 4096 bytes that nothing names, and a tar that leaves read times alone or does not. */
const listing = [
  `mirrorfleet-cache 1 ${noon}.5 1`,
  `b ${hexOf('left over')} 100 8 ${noon - 9e6} ${noon - 9e6}`,
  'manifests 0',
  'end',
  '',
].join('\n');

let heard: Pick<Prunable, 'node' | 'bytes'>[];
let listed: number;
let gnuTar: boolean;
let known: boolean;
let caches: Caches;

beforeEach(() => {
  [heard, listed, gnuTar, known] = [[], 0, true, true];
  const run = async ({ argv, onOutput }: Command): Promise<CommandResult> => {
    if (argv.join(' ').includes('tar --version')) return { code: gnuTar ? 0 : 1, stdout: '', stderr: '' };
    listed += 1;
    onOutput?.(Buffer.from(listing));
    return { code: 0, stdout: '', stderr: '' };
  };
  caches = new Caches({
    nodes: { get: () => ({ spec, hostKeys: {} }), find: () => (known ? { spec, hostKeys: {} } : undefined) },
    connections: { host: async () => ({ name: 'tokyo', run }) as unknown as Host },
    tasks: new Tasks(() => {}),
    publish: (change: Change) => {
      if (change.kind === 'prunable') heard.push({ node: change.prunable.node, bytes: change.prunable.bytes });
    },
  });
});
const fourKilobytes = { node: 'tokyo', bytes: 4096 };

test('whoever lists a cache tells every window what a prune would free', async () => {
  await caches.list('tokyo');
  await expect.poll(() => heard).toEqual([fourKilobytes]);
});

test.each<[PrunePolicy, number | undefined, readonly unknown[]]>([
  [standardPrune, undefined, [fourKilobytes]],
  [{ kind: 'older-than', seconds: 1 }, undefined, []],
  [standardPrune, 0, []],
  [{ kind: 'all' }, undefined, []],
])('a preview of %o with a grace of %s tells %o', async (policy, grace, told) => {
  await caches.previewPrune('tokyo', policy, grace);
  expect(heard).toEqual(told);
});

test('a count leaves the cache alone where it would pass for use of the images', async () => {
  await caches.countPrunable('tokyo', new AbortController().signal);
  expect([listed, heard]).toEqual([1, [fourKilobytes]]);
  gnuTar = false;
  await caches.countPrunable('tokyo', new AbortController().signal);
  expect([listed, heard]).toEqual([1, [fourKilobytes]]);
});

test('nothing is told of a node that was removed while its cache was counted', async () => {
  known = false;
  await caches.previewPrune('tokyo', standardPrune);
  expect(heard).toEqual([]);
});
