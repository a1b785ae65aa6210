import { expect, test } from 'vitest';
import { median } from '../../../preload/contract/node-latency.ts';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import {
  byState,
  cellWord,
  createRows,
  type FleetRow,
  fleetRow,
  recentOf,
  shortUpstream,
  together,
  upstreamsOf,
  usersOf,
} from '../../../renderer/pages/fleet/fleet-row.ts';

const mirror = (upstream: string, changed: Partial<MirrorView> = {}): MirrorView => ({
  node: 'tokyo',
  upstream,
  state: 'up',
  ...changed,
});
const node = (changed: Partial<NodeView> = {}): NodeView => ({
  name: 'tokyo',
  kind: 'ssh',
  address: '203.0.113.9',
  port: 443,
  state: 'up',
  applied: true,
  mirrors: [],
  ...changed,
});
const runtime = (id: RuntimeView['id'], route?: string[]): RuntimeView => ({
  id,
  engine: id,
  state: 'found',
  mirrors: [],
  ...(route && { route }),
});

const moment = { connected: true, now: 1000 };

test('a node is as fast as the median of the last probes of all its mirrors; failed ones are left out', () => {
  const row = fleetRow(
    node({ mirrors: [mirror('a.io', { recentMs: [10, null, 30] }), mirror('b.io', { recentMs: [100] })] }),
    [],
    moment,
  );
  expect(row.p50).toBe(30);
  expect(recentOf(row.node)).toEqual([10, null, 65]);
});

test('“× direct” is the median of the mirrors where both were measured', () => {
  const both = (cached: number, direct: number) => ({
    cached: { at: 1, manifestMs: cached },
    direct: { at: 1, manifestMs: direct },
  });
  const row = fleetRow(
    node({
      mirrors: [
        mirror('a.io', both(100, 300)),
        mirror('b.io', both(100, 100)),
        mirror('c.io', both(10, 90)),
        mirror('d.io'),
      ],
    }),
    [],
    moment,
  );
  expect(row.times).toBe(3);
});

test('where this computer gets no answer from the upstream, that is said and no number is made up', () => {
  const blocked = mirror('a.io', { cached: { at: 1, manifestMs: 80 }, directBecause: { code: 'no-route' } });
  expect(fleetRow(node({ mirrors: [blocked] }), [], moment)).toMatchObject({
    times: undefined,
    directBecause: { code: 'no-route' },
  });
});

test('a node that is down says the reason of its mirrors; one that is not says none', () => {
  const because = { code: 'connection-refused' };
  const mirrors = [mirror('a.io', { state: 'down', because })];
  expect(fleetRow(node({ state: 'down', mirrors }), [], moment).because).toEqual(because);
  expect(fleetRow(node({ state: 'degraded', mirrors }), [], moment).because).toBeUndefined();
});

test('a node is used by every engine whose route has it, in whatever place', () => {
  expect(
    usersOf('tokyo', [
      runtime('docker', ['tokyo']),
      runtime('containerd', ['fra', 'tokyo']),
      runtime('podman', []),
      runtime('podman'),
    ]),
  ).toEqual(['docker', 'containerd']);
});

test('rows stay the same objects while their nodes and users do, so that nothing else is drawn again', () => {
  const rows = createRows();
  const nodes = [node(), node({ name: 'fra' })];
  const first = rows(nodes, [], moment);
  expect(rows(nodes, [], moment)[0]).toBe(first[0]);
  const [switched, other] = rows(nodes, [runtime('docker', ['tokyo'])], moment);
  expect(switched).not.toBe(first[0]);
  expect(other).toBe(first[1]);
});

test('a row is drawn again when one of its figures grows old, and while the core is away all of them are', () => {
  const rows = createRows();
  const nodes = [
    node({ staleAfterMs: 5000, seenAt: 4000, mirrors: [mirror('a.io', { at: 1000 }), mirror('b.io', { at: 4000 })] }),
    node({ name: 'fra', mirrors: [mirror('a.io')] }),
  ];
  const stale = (row: FleetRow | undefined) =>
    [row?.stale, ...(row?.mirrors.values() ?? [])].map((each) => (typeof each === 'object' ? each.stale : each));
  const fresh = rows(nodes, [], { connected: true, now: 5000 });
  expect(stale(fresh[0])).toEqual([false, false, false]);
  expect(rows(nodes, [], { connected: true, now: 6000 })[0]).toBe(fresh[0]);
  const older = rows(nodes, [], { connected: true, now: 7000 });
  expect(stale(older[0])).toEqual([false, true, false]);
  expect(older[1]).toBe(fresh[1]);
  const lost = rows(nodes, [], { connected: false, now: 7000 });
  expect(lost.map(stale)).toEqual([
    [true, true, true],
    [false, false],
  ]);
});

test('upstreams that most nodes serve stand first', () => {
  const nodes = [
    node({ mirrors: [mirror('x.io'), mirror('docker.io')] }),
    node({ mirrors: [mirror('docker.io'), mirror('y.io')] }),
  ];
  expect(upstreamsOf(nodes)).toEqual(['docker.io', 'x.io', 'y.io']);
});

test.each([
  ['docker.io', 'docker.io'],
  ['registry.k8s.io', 'k8s'],
  ['registry.gitlab.com', 'gitlab.com'],
  ['registry.example', 'registry.example'],
])('%s is called %s in the header', (upstream, short) => {
  expect(shortUpstream(upstream)).toBe(short);
});

test.each<[Partial<MirrorView>, string | undefined]>([
  [
    { state: 'degraded', quota: { limit: 100, remaining: 0, windowSeconds: 3600 }, atUpstream: { at: 1, status: 200 } },
    '429',
  ],
  [{ state: 'degraded', atUpstream: { at: 1, status: 401 } }, '401'],
  [{ state: 'degraded', atUpstream: { at: 1 } }, undefined],
  [{ state: 'up', atUpstream: { at: 1, status: 401 } }, undefined],
])('a cell of %j says %s', (changed, word) => {
  expect(cellWord(mirror('a.io', changed))).toBe(word);
});

test('the worst nodes come first when someone sorts by state', () => {
  const rows = (['up', 'unknown', 'down', 'slow', 'degraded'] as const).map((state) =>
    fleetRow(node({ state }), [], moment),
  );
  expect(rows.toSorted(byState).map((row) => row.node.state)).toEqual(['down', 'degraded', 'slow', 'unknown', 'up']);
});

test('the middle of nothing is nothing, of two the mean', () => {
  expect([median([]), median([4, 2]), median([9, 1, 5])]).toEqual([undefined, 3, 5]);
  expect(together([])).toEqual([]);
});
