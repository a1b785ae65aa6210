import { describe, expect, it, test } from 'vitest';
import type { Command, Host } from '../../../main/hosts/host.ts';
import { edgePulls, edgeRequests } from '../../../main/monitor/edge-requests.ts';
import { probeAgent } from '../../../main/monitor/probe.ts';

/** A machine whose engine prints these lines, and what it was asked to run. */
function machine(lines: readonly string[]): { readonly host: Host; readonly asked: Command[] } {
  const asked: Command[] = [];
  const none = (): never => {
    throw new Error('only commands are run');
  };
  const host: Host = {
    name: 'tokyo',
    roundTrips: 0,
    run: (command) => {
      asked.push(command);
      return Promise.resolve({ code: 0, stdout: lines.join('\n'), stderr: '' });
    },
    readFile: none,
    replaceFile: none,
    removeFile: none,
    connect: none,
    close: () => Promise.resolve(),
  };
  return { host, asked };
}

const noon = Date.parse('2026-11-27T12:00:00.000Z');
const line = (id: string, seconds: number, upstream = 'docker.io'): string =>
  JSON.stringify({
    id,
    time: new Date(noon + seconds * 1000).toISOString(),
    method: 'GET',
    upstreamPath: `/v2/library/${id}/manifests/latest`,
    path: `/v2/library/${id}/manifests/latest`,
    upstream,
    status: 200,
  });

describe('the latest requests at a node’s edge', () => {
  test('are those begun since then, or so shortly before that clocks may differ; what is no line of the log is read over', async () => {
    const lines = ['', 'cut "off', line('old', -2.001), line('slack', -2), line('new', 5), ''];
    const found = await edgeRequests(machine(lines).host, {}, noon);
    expect(found.map(({ id }) => id)).toEqual(['slack', 'new']);
    expect(await edgeRequests(machine(lines).host, {}, 0)).toHaveLength(3);
  });

  test('are none where there is no edge', async () => {
    expect(await edgeRequests(machine([]).host, {}, 0)).toEqual([]);
  });

  test('are asked of the project that this node is, as root, within a time', async () => {
    const { host, asked } = machine([]);
    await edgeRequests(host, { base: '/srv/mirrors' }, 0);
    const [{ argv, elevated, timeoutMs } = { argv: [] }] = asked;
    expect(argv.slice(0, 2)).toEqual(['sh', '-c']);
    expect(argv.slice(3)).toEqual(['sh', 'mirrorfleet-srv-mirrors', 'envoy', '1000']);
    expect([elevated, timeoutMs]).toEqual([true, 15_000]);
  });
});

describe('the last pulls through a node', () => {
  const lines = [line('a', 0), line('b', 60, 'ghcr.io'), 'no line', line('c', 120)];

  it.each([
    ['through all of its mirrors', { limit: 10 }, ['library/c', 'library/b', 'library/a']],
    ['through one of them', { limit: 10, upstream: 'docker.io' }, ['library/c', 'library/a']],
    ['as many as are wanted', { limit: 1 }, ['library/c']],
  ])('are told newest first, %s', async (_, wanted, expected) => {
    const pulls = await edgePulls(machine(lines).host, {}, wanted);
    expect(pulls.map(({ repository }) => repository)).toEqual(expected);
  });

  it.each([
    [10, '300'],
    [1_000, '6000'],
  ])('%i of them are looked for in %s lines, without our own probes', async (limit, most) => {
    const { host, asked } = machine([]);
    expect(await edgePulls(host, {}, { limit })).toEqual([]);
    const [{ argv, elevated } = { argv: [] }] = asked;
    expect(argv.slice(0, 2)).toEqual(['sh', '-c']);
    expect(argv.slice(3)).toEqual(['sh', 'mirrorfleet', 'envoy', most, `"agent":"${probeAgent}"`]);
    expect(elevated).toBe(true);
  });
});
