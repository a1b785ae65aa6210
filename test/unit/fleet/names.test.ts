import { describe, expect, it } from 'vitest';
import { edgeLogFormat, edgeLogLineSchema, parseEdgeLogLine } from '../../../main/fleet/edge-log.ts';
import {
  edgeClusters,
  edgeHostNames,
  namesOf,
  tokenProbePath,
  upstreamProbePath,
} from '../../../main/fleet/edge-names.ts';
import { knownProblemOf } from '../../../main/fleet/known-problems.ts';
import { isKeptBeside, mirrorService, nodeLayout } from '../../../main/fleet/node-layout.ts';
import { defaultUpstreams, upstreamOf } from '../../../main/fleet/upstreams.ts';

describe('an upstream', () => {
  it.each([
    [
      'docker.io',
      'https://registry-1.docker.io',
      'docker',
      ['registry-1.docker.io', 'index.docker.io'],
      'library/busybox:latest',
    ],
    ['ghcr.io', 'https://ghcr.io', 'ghcr', [], 'containerd/busybox:1.36'],
    ['quay.io', 'https://quay.io', 'quay', [], 'prometheus/busybox:latest'],
    ['gcr.io', 'https://gcr.io', 'gcr', [], 'distroless/static:nonroot'],
    ['registry.k8s.io', 'https://registry.k8s.io', 'k8s', ['k8s.gcr.io'], 'pause:3.10'],
    ['mcr.microsoft.com', 'https://mcr.microsoft.com', 'mcr', [], 'hello-world:latest'],
  ])('%s is known by its names, its host and a small image', (id, registry, label, aliases, image) => {
    for (const name of [id, ...aliases]) {
      const { probe, ...known } = upstreamOf(name);
      expect(known).toMatchObject({ id, registry, label, aliases });
      expect(`${probe.repository}:${probe.tag}`).toBe(image);
    }
  });

  it('of Docker gives out its tokens at another host, and the others at their own', () => {
    expect(upstreamOf('docker.io').tokenHost).toBe('auth.docker.io');
    for (const other of defaultUpstreams.slice(1)) expect(upstreamOf(other).tokenHost).toBeUndefined();
  });

  it('that nobody knows is the host of its name, and has no image to ask for', () => {
    expect(upstreamOf('registry.example:5000')).toEqual({
      id: 'registry.example:5000',
      registry: 'https://registry.example:5000',
      aliases: [],
      probe: { repository: '', tag: '' },
    });
  });

  it('is served under five names unless somebody says otherwise', () => {
    expect(defaultUpstreams).toEqual(['docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'registry.k8s.io']);
  });

  it('is known by its id, its aliases and its host, each once', () => {
    expect(namesOf(upstreamOf('docker.io'))).toEqual(['docker.io', 'registry-1.docker.io', 'index.docker.io']);
    expect(namesOf(upstreamOf('ghcr.io'))).toEqual(['ghcr.io']);
    expect(namesOf(upstreamOf('r.example:5000'))).toEqual(['r.example:5000']);
  });
});

describe('at the edge', () => {
  it('the parts of an upstream have names without dots and colons', () => {
    expect(edgeClusters('r.example.org:5000')).toEqual({
      manifest: 'r_example_org__5000_manifest',
      blob: 'r_example_org__5000_blob',
      first: 'r_example_org__5000_first',
      twin: 'r_example_org__5000_twin',
      patient: 'r_example_org__5000_patient',
      last: 'r_example_org__5000_last',
      probe: 'r_example_org__5000_probe',
      token: 'r_example_org__5000_token',
      metrics: 'r_example_org__5000_metrics',
    });
  });

  it('the upstream itself and its tokens are asked for below a path of ours', () => {
    expect(upstreamProbePath('ghcr.io', '/v2/')).toBe('/.mirrorfleet/upstream/ghcr.io/v2/');
    expect(tokenProbePath('ghcr.io', '/token?a=b')).toBe('/.mirrorfleet/token/ghcr.io/token?a=b');
  });

  it('a certificate covers the address, and a name for each upstream that has a label where the address is a name', () => {
    expect(edgeHostNames('mirror.example', ['docker.io', 'index.docker.io', 'r.example', 'ghcr.io'])).toEqual([
      'mirror.example',
      'docker.mirror.example',
      'ghcr.mirror.example',
    ]);
    expect(edgeHostNames('203.0.113.7', ['docker.io'])).toEqual(['203.0.113.7']);
    expect(edgeHostNames('2001:db8::7', ['docker.io'])).toEqual(['2001:db8::7']);
  });

  it('a line of the log is read, and what is none is left', () => {
    const line = { id: 'a', time: '2026-01-02T03:04:05.678Z', status: 200 };
    expect(parseEdgeLogLine(JSON.stringify(line))).toEqual(line);
    expect(parseEdgeLogLine(JSON.stringify({ ...line, time: 'yesterday' }))).toBeUndefined();
    expect(parseEdgeLogLine('{"id":"a"}')).toBeUndefined();
    expect(parseEdgeLogLine('{"id":')).toBeUndefined();
  });

  it('every field of a line has an operator of Envoy, and no two the same', () => {
    const operators = Object.values(edgeLogFormat);
    expect(Object.keys(edgeLogFormat).toSorted()).toEqual(Object.keys(edgeLogLineSchema.shape).toSorted());
    expect(new Set(operators).size).toBe(operators.length);
    for (const operator of operators) expect(operator).toMatch(/^%[A-Z_0-9]+(\([^)]+\))?%$/);
  });
});

describe('a node’s files', () => {
  it('lie below /opt/mirrorfleet unless somebody says otherwise', () => {
    const layout = nodeLayout({});
    expect(layout).toMatchObject({
      base: '/opt/mirrorfleet',
      composeFile: '/opt/mirrorfleet/compose.yaml',
      project: 'mirrorfleet',
      metricsPort: 9902,
      blobStore: '/opt/mirrorfleet/data/blobs',
      pinsFile: '/opt/mirrorfleet/pins',
    });
    expect(layout.storageRoot('registry.example:5000')).toBe('/opt/mirrorfleet/data/registry.example_5000');
    expect(layout.schedule.folder).toBe('/opt/mirrorfleet/schedule');
  });

  it.each([
    ['/home/anna/.local/share/mirrorfleet', 'mirrorfleet-home-anna-local-share-mirrorfleet'],
    ['/srv/My Mirror/', 'mirrorfleet-srv-my-mirror'],
    ['/opt/mirrorfleet2', 'mirrorfleet-opt-mirrorfleet2'],
  ])('below %s have a project of their own', (base, project) => {
    expect(nodeLayout({ base }).project).toBe(project);
  });

  it('that change by themselves are no drift: the pins and the schedule', () => {
    for (const kept of ['pins', 'schedule', ...nodeLayout({}).schedule.files.map((name) => `schedule/${name}`)])
      expect([kept, isKeptBeside(kept)]).toEqual([kept, true]);
    for (const other of ['pins2', 'schedule/other', 'schedule/', 'prune.sh', 'compose.yaml', ''])
      expect([other, isKeptBeside(other)]).toEqual([other, false]);
    expect(nodeLayout({}).schedule.files).toEqual(
      expect.arrayContaining(['prune.sh', 'list.sh', 'decide.awk', 'remove.sh', 'rules', 'last-run', 'log']),
    );
  });

  it('of a mirror belong to a service that no registry is called', () => {
    expect(mirrorService('ghcr.io')).toBe('mirror-ghcr.io');
    expect(mirrorService('r.example:5000')).toBe('mirror-r.example_5000');
  });
});

describe('of a program it is known', () => {
  it.each([
    ['registry', '2.8.3', 'registry-fetches-twice'],
    ['registry', 'v2.8.3', 'registry-fetches-twice'],
    ['registry', '3.0.0', 'registry-holes-3-0'],
    ['registry', '3.0.9', 'registry-holes-3-0'],
    ['registry', '3.1.0', 'registry-holes-3-1'],
    ['registry', '3.1.1', undefined],
    ['registry', '3.1', 'registry-holes-3-1'],
    ['registry', '4.0.0', undefined],
    ['registry', 'latest', undefined],
    ['registry', '3', undefined],
    ['registry', 'x3.0.0', undefined],
    ['envoy', '1.21.9', 'envoy-cannot-load'],
    ['envoy', '1.22.0', 'envoy-not-maintained'],
    ['envoy', '1.36.4', 'envoy-not-maintained'],
    ['envoy', '1.37.0', undefined],
    ['compose', '1.29.2', 'compose-1-ended'],
    ['compose', '2.0.0', undefined],
    ['compose', '10.0.0', undefined],
  ] as const)('%s %s: %s', (id, version, saying) => {
    expect(knownProblemOf(id, version)).toEqual(saying && { code: saying, values: { version } });
  });
});
