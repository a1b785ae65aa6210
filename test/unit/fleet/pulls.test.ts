import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeLogLine } from '../../../main/fleet/edge-log.ts';
import { foldPulls } from '../../../main/fleet/pulls.ts';

const begin = Date.UTC(2026, 10, 27, 6);
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

let count = 0;
/** A request of the laptop for nginx, so many ms after the beginning. */
function request(after: number, path: string, more: Partial<EdgeLogLine> = {}): EdgeLogLine {
  count += 1;
  return {
    id: String(count),
    time: new Date(begin + after).toISOString(),
    method: 'GET',
    path,
    upstreamPath: `/v2/library/nginx/${path}`,
    upstream: 'docker.io',
    authority: 'tokyo',
    protocol: 'HTTP/2',
    status: 200,
    flags: '-',
    details: 'via_upstream',
    bytes: 100,
    duration: 10,
    firstByte: 5,
    cluster: 'docker_io_manifest',
    upstreamHost: '10.0.0.2:5000',
    tries: 1,
    peer: 'CN=laptop',
    peerSerial: '1',
    peerFingerprint: 'f',
    agent: 'docker/20.10.24',
    client: '203.0.113.9',
    digest: null,
    ...more,
  };
}

/** What dockerd asks for one image: its tag, its index, its manifest, then configuration and layers. */
const wholePull = (after: number, more: Partial<EdgeLogLine> = {}): EdgeLogLine[] => [
  request(after, 'manifests/alpine', { ...more, method: 'HEAD', bytes: 0 }),
  request(after + 20, 'manifests/alpine', more),
  request(after + 40, `manifests/${digest('a')}`, more),
  request(after + 60, `blobs/${digest('b')}`, more),
  request(after + 60, `blobs/${digest('c')}`, { ...more, bytes: 5_000, duration: 900 }),
];

describe("the edge's log as pulls", () => {
  it('makes one pull of all that one client asks for one image', () => {
    expect(foldPulls(wholePull(0))).toEqual([
      {
        at: begin,
        upstream: 'docker.io',
        repository: 'library/nginx',
        reference: 'alpine',
        who: 'laptop',
        agent: 'docker/20.10.24',
        client: '203.0.113.9',
        bytes: 5_300,
        ms: 960,
        requests: 5,
        status: 200,
      },
    ]);
  });

  it('begins another pull with the same tag asked for again, with another tag, and after a pause', () => {
    const again = foldPulls([...wholePull(0), ...wholePull(2_000)]);
    expect(again.map(({ at, requests }) => [at - begin, requests])).toEqual([
      [2_000, 5],
      [0, 5],
    ]);
    const tags = foldPulls([
      request(0, 'manifests/alpine'),
      request(10, 'manifests/latest'),
      request(20, `blobs/${digest('b')}`),
    ]);
    expect(tags.map(({ reference, requests }) => [reference, requests])).toEqual([
      ['latest', 2],
      ['alpine', 1],
    ]);
    expect(foldPulls([request(0, `blobs/${digest('b')}`), request(60_000, `blobs/${digest('c')}`)])).toHaveLength(2);
  });

  it('goes on while one long layer is on its way', () => {
    const lines = [
      request(0, 'manifests/alpine'),
      request(50, `blobs/${digest('b')}`, { duration: 120_000 }),
      request(110_000, `blobs/${digest('c')}`),
    ];
    expect(foldPulls(lines)).toMatchObject([{ requests: 3, ms: 120_050 }]);
  });

  it.each([
    ['person', { peer: 'CN=alice' }],
    ['address', { client: '203.0.113.10' }],
    ['program', { agent: 'containerd/1.6.20' }],
    ['upstream', { upstream: 'ghcr.io' }],
    ['repository', { upstreamPath: '/v2/library/redis/manifests/alpine' }],
  ])('keeps apart what another %s asks for at the same time', (_, other) => {
    const both = [...wholePull(0), request(5, 'manifests/alpine', other)];
    expect(foldPulls(both)).toHaveLength(2);
  });

  it('names an image by its digest where no tag was asked for, and a client without a certificate not at all', () => {
    expect(foldPulls([request(0, `manifests/${digest('a')}`, { peer: null, agent: null })])).toMatchObject([
      { reference: digest('a'), who: '', agent: '' },
    ]);
  });

  it('reads the name out of a longer subject', () => {
    const peers = ['OU=dev,CN=dev@laptop\\, the old one,O=x', 'O=CN=none'];
    expect(peers.map((peer) => foldPulls([request(0, 'manifests/v1', { peer })])[0]?.who)).toEqual([
      'dev@laptop, the old one',
      '',
    ]);
  });

  it('shows the worst that happened, and a client that left', () => {
    const lines = [request(0, 'manifests/alpine'), request(10, `blobs/${digest('b')}`, { status: 503 })];
    expect(foldPulls(lines)[0]?.status).toBe(503);
    expect(foldPulls([request(0, `blobs/${digest('b')}`, { status: 0 })])[0]?.status).toBe(499);
  });

  it.each([
    ['a greeting', { upstreamPath: '/v2/' }],
    ['a list of tags', { upstreamPath: '/v2/library/nginx/tags/list' }],
    ['a refused push', { method: 'POST', upstreamPath: '/v2/library/nginx/blobs/uploads/' }],
    ['a way to the upstream', { upstream: null, upstreamPath: '/v2/library/nginx/manifests/latest' }],
    ['nothing', { upstreamPath: null }],
  ])('leaves out %s', (_, line) => {
    expect(foldPulls([request(0, '', line)])).toEqual([]);
  });

  it('makes the same of lines in any order', () => {
    const lines = [...wholePull(0), ...wholePull(60_000)];
    expect(foldPulls(lines.toReversed())).toEqual(foldPulls(lines));
    expect(foldPulls(lines)).toHaveLength(2);
  });

  it('waits thirty seconds for the next request, to the millisecond', () => {
    const layers = (apart: number) => [
      request(0, `blobs/${digest('b')}`, { duration: 10 }),
      request(10 + apart, `blobs/${digest('c')}`),
    ];
    expect(foldPulls(layers(30_000))).toHaveLength(1);
    expect(foldPulls(layers(30_001))).toHaveLength(2);
  });

  it('counts no bytes of an answer that has none, whatever the edge says', () => {
    expect(foldPulls([request(0, 'manifests/alpine', { method: 'HEAD', bytes: 7, duration: 10 })])).toMatchObject([
      { bytes: 0, ms: 10, requests: 1 },
    ]);
    const unsaid = { bytes: null, duration: null, client: null };
    expect(foldPulls([request(0, 'manifests/alpine', unsaid)])).toMatchObject([{ bytes: 0, ms: 0, client: '' }]);
  });

  it('begins another pull where a tag is asked for after a layer that followed it', () => {
    const lines = [
      request(0, 'manifests/alpine'),
      request(10, `blobs/${digest('b')}`),
      request(20, `blobs/${digest('c')}`),
      request(30, 'manifests/alpine'),
    ];
    expect(foldPulls(lines).map(({ requests }) => requests)).toEqual([1, 3]);
  });

  it('leaves out a path that only ends like one', () => {
    expect(foldPulls([request(0, '', { upstreamPath: '/x/v2/library/nginx/manifests/latest' })])).toEqual([]);
  });

  it('loses no request and no byte, in whatever order lines come', () => {
    const line = fc.record({
      after: fc.integer({ min: 0, max: 200_000 }),
      path: fc.constantFrom('manifests/a', 'manifests/b', `manifests/${digest('a')}`, `blobs/${digest('b')}`),
      bytes: fc.nat(10_000),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (all) => {
        const pulls = foldPulls(all.map(({ after, path, bytes }) => request(after, path, { bytes })));
        expect(pulls.reduce((sum, pull) => sum + pull.requests, 0)).toBe(all.length);
        expect(pulls.reduce((sum, pull) => sum + pull.bytes, 0)).toBe(all.reduce((sum, each) => sum + each.bytes, 0));
        expect(pulls.map((pull) => pull.at)).toEqual(pulls.map((pull) => pull.at).toSorted((a, b) => b - a));
      }),
    );
  });
});
