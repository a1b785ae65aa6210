import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgeLogFormat, edgeLogLineSchema, parseEdgeLogLine } from '../../../main/fleet/edge-log.ts';
import { edgeClusters, edgeHostNames, namesOf } from '../../../main/fleet/edge-names.ts';
import { catalogue, upstreamOf } from '../../../main/fleet/upstreams.ts';

describe("the edge's names", () => {
  it.each([
    [
      'mirror.example',
      ['docker.io', 'registry.k8s.io', 'other.example'],
      ['mirror.example', 'docker.mirror.example', 'k8s.mirror.example'],
    ],
    ['203.0.113.11', ['docker.io'], ['203.0.113.11']],
    ['2001:db8::1', ['docker.io'], ['2001:db8::1']],
  ])('of the host %s with %j are %j', (address, upstreams, expected) => {
    expect(edgeHostNames(address, upstreams)).toEqual(expected);
  });

  it('are apart for upstreams that differ, and free of the dots that part a statistic', () => {
    const ids = ['a.example', 'a.example:5000', 'a-b.example', 'a.b.example', 'a.example.5000'];
    const names = ids.flatMap((id) => Object.values<string>({ ...edgeClusters(id) }));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_-]+$/);
  });

  it('lead each name of each known upstream to one upstream', () => {
    const all = catalogue.flatMap((upstream) => namesOf(upstream).map((name) => [name, upstream.id] as const));
    expect(new Map(all).size).toBe(all.length);
    for (const [name, id] of all) expect(upstreamOf(name).id).toBe(id);
  });
});

describe('a line of the access log', () => {
  it('has a format for each field that is read', () => {
    expect(Object.keys(edgeLogFormat)).toEqual(Object.keys(edgeLogLineSchema.shape));
  });

  it('that was cut or is not ours is no line, and no error', () => {
    const whole = JSON.stringify({ id: 'a', time: '2026-11-25T02:00:00.000Z', status: 200, peer: null });
    expect(parseEdgeLogLine(whole)).toMatchObject({ id: 'a', status: 200 });
    for (let end = 0; end < whole.length; end++) expect(parseEdgeLogLine(whole.slice(0, end))).toBeUndefined();
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseEdgeLogLine(text)?.status !== null));
  });
});
