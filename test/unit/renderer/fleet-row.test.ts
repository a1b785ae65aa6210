import { expect, test } from 'vitest';
import type { RuntimeView } from '../../../preload/contract/runtime.ts';
import type { MirrorView, NodeView } from '../../../preload/contract/status.ts';
import {
  byState,
  cellWord,
  createRows,
  fleetRow,
  median,
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

test('a node is as fast as the median of the last probes of all its mirrors; failed ones are left out', () => {
  const row = fleetRow(
    node({ mirrors: [mirror('a.io', { recentMs: [10, null, 30] }), mirror('b.io', { recentMs: [100] })] }),
    [],
  );
  expect(row.p50).toBe(30);
  expect(row.recent).toEqual([10, null, 65]);
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
  );
  expect(row.times).toBe(3);
});

test('where this computer gets no answer from the upstream, that is said and no number is made up', () => {
  const blocked = mirror('a.io', { cached: { at: 1, manifestMs: 80 }, directBecause: { code: 'no-route' } });
  expect(fleetRow(node({ mirrors: [blocked] }), [])).toMatchObject({
    times: undefined,
    directBecause: { code: 'no-route' },
  });
});

test('a node that is down says the reason of its mirrors; one that is not says none', () => {
  const because = { code: 'connection-refused' };
  const mirrors = [mirror('a.io', { state: 'down', because })];
  expect(fleetRow(node({ state: 'down', mirrors }), []).because).toEqual(because);
  expect(fleetRow(node({ state: 'degraded', mirrors }), []).because).toBeUndefined();
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
  const first = rows(nodes, []);
  expect(rows(nodes, [])[0]).toBe(first[0]);
  const [switched, other] = rows(nodes, [runtime('docker', ['tokyo'])]);
  expect(switched).not.toBe(first[0]);
  expect(other).toBe(first[1]);
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
  const rows = (['up', 'unknown', 'down', 'slow', 'degraded'] as const).map((state) => fleetRow(node({ state }), []));
  expect(rows.toSorted(byState).map((row) => row.node.state)).toEqual(['down', 'degraded', 'slow', 'unknown', 'up']);
});

test('the middle of nothing is nothing, of two the mean', () => {
  expect([median([]), median([4, 2]), median([9, 1, 5])]).toEqual([undefined, 3, 5]);
  expect(together([])).toEqual([]);
});
