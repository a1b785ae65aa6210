import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../preload/contract/problem.ts';
import type { ImageStandings } from '../../../main/provision/image-identity.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { foreignFiles } from '../../../main/provision/remove-node.ts';
import { planLine } from '../../plan-line.ts';
import { appliedServer, desired, emptyServer, spec, standings } from './node-fixture.ts';

const missing: ImageStandings = {
  registry: { kind: 'missing', source: { reference: 'registry:3' } },
  envoy: { kind: 'missing', source: { reference: 'envoy:1', archive: '/home/ada/envoy.tar' } },
};

const plan = (observed: Observed, more: Partial<Parameters<typeof planNode>[0]> = {}) =>
  planNode({ spec, desired, standings, observed, installEngine: false, ...more });
const lines = (observed: Observed, more: Partial<Parameters<typeof planNode>[0]> = {}) =>
  plan(observed, more).plan.steps.map(planLine);

const verify = 'verify node tokyo — from this computer: TLS, access, a pull through every upstream';
const remember = 'change file state.json — remembers this apply';

describe('the plan of a node', () => {
  it('lists everything for an empty server, in the order it is done', () => {
    expect(lines(emptyServer, { standings: missing })).toEqual([
      'create directory data — no such directory (with 2 more in it)',
      'pull image registry:3 — not on the server',
      'pull image envoy:1 — not on the server; uploaded from /home/ada/envoy.tar where the server cannot pull it',
      'create file compose.yaml — no such file',
      'create file registry/docker.io.yml — no such file',
      'create file envoy/envoy.yaml — no such file',
      'create file envoy/sds/server_cert.yaml — no such file (sha256 a21549a580cf; holds a secret, not shown)',
      'create file envoy/xds/cds.yaml — no such file',
      'create file envoy/xds/rds.yaml — no such file',
      'start service mirror-docker.io — no container',
      'start service envoy — no container',
      verify,
      'create file state.json — no such file',
    ]);
  });

  it('is empty for a node that is as it should be', () => {
    expect(lines(appliedServer)).toEqual([]);
  });

  it('has the same hash for the same server and another for any other', () => {
    expect(plan(appliedServer).plan.hash).toBe(plan({ ...appliedServer, roundTrips: 2 }).plan.hash);
    expect(plan(appliedServer).plan.hash).not.toBe(plan({ ...appliedServer, containers: [] }).plan.hash);
  });

  it('never shows a key, neither in a line nor in a diff', () => {
    expect(JSON.stringify(plan(emptyServer).plan)).not.toContain('SECRET-KEY');
    const changed = touch('envoy/sds/server_cert.yaml', { hash: 'b'.repeat(64) });
    expect(lines(changed)).toEqual([
      'change file envoy/sds/server_cert.yaml — content differs (sha256 bbbbbbbbbbbb → a21549a580cf; holds a secret, not shown)',
      verify,
      remember,
    ]);
    expect(JSON.stringify(plan(changed).plan)).not.toContain('SECRET-KEY');
  });

  it.each<[string, Observed, string[]]>([
    [
      'a changed route file is pushed and touches no container',
      touch('envoy/xds/rds.yaml', { hash: 'b'.repeat(64), text: 'old\n' }),
      ['change file envoy/xds/rds.yaml — content differs'],
    ],
    [
      "a changed mirror's file restarts that mirror",
      touch('registry/docker.io.yml', { hash: 'b'.repeat(64), text: 'old\n' }),
      [
        'change file registry/docker.io.yml — content differs',
        'restart service mirror-docker.io — registry/docker.io.yml changes',
      ],
    ],
    [
      'a wrong mode is corrected',
      touch('envoy/xds/cds.yaml', { mode: 0o600 }),
      ['change file envoy/xds/cds.yaml — mode 0600 is not 0644'],
    ],
    [
      'a wrong owner is corrected',
      touch('compose.yaml', { uid: 1000 }),
      ['change file compose.yaml — owner 1000:0 is not 0:0'],
    ],
    [
      'an edge that did not take the file gets it again',
      { ...appliedServer, edge: { cds: 'k0', routes: { edge: 'r1' }, secrets: ['c1'], refusals: 1 } },
      ['reload file envoy/xds/cds.yaml — the edge runs version k0'],
    ],
    [
      'a stopped container is started',
      {
        ...appliedServer,
        containers: appliedServer.containers.map((each) =>
          each.service === 'envoy' ? { ...each, state: 'exited' } : each,
        ),
      },
      ['start service envoy — its container is exited'],
    ],
    [
      'a container of another image is renewed',
      {
        ...appliedServer,
        containers: appliedServer.containers.map((each) =>
          each.service === 'envoy' ? { ...each, image: 'envoy:0' } : each,
        ),
      },
      ['restart service envoy — it runs another image'],
    ],
    [
      'a container that is no longer wanted goes',
      {
        ...appliedServer,
        containers: [
          ...appliedServer.containers,
          { id: 'c'.repeat(64), service: 'mirror-quay.io', state: 'running', image: 'x' },
        ],
      },
      ['remove service mirror-quay.io — no longer in compose.yaml'],
    ],
    [
      'a moved folder is corrected',
      { ...appliedServer, directories: { ...appliedServer.directories, data: { mode: 0o755, uid: 0, gid: 0 } } },
      ['change directory data — owner 0:0 is not 10001:10001'],
    ],
    [
      'a broken link is corrected',
      { ...appliedServer, links: { 'data/docker.io/blobs': '/elsewhere' } },
      ['change link data/docker.io/blobs — points to /elsewhere, not ../blobs'],
    ],
  ])('%s', (_title, observed, expected) => {
    expect(lines(observed)).toEqual([...expected, verify, remember]);
  });

  it('names to the one who carries it out what Compose would not renew by itself', () => {
    const changed = touch('registry/docker.io.yml', { hash: 'b'.repeat(64), text: 'old\n' });
    expect(plan(changed).services.restart).toEqual(['mirror-docker.io']);
    expect(plan(emptyServer).services.restart).toEqual([]);
  });

  it('restarts what no finished apply vouches for, as after a crash', () => {
    const { state: _state, ...rest } = appliedServer;
    const { 'state.json': _file, ...files } = rest.files;
    expect(lines({ ...rest, files })).toEqual([
      'restart service mirror-docker.io — no finished apply says that it runs this configuration',
      'restart service envoy — no finished apply says that it runs this configuration',
      verify,
      'create file state.json — no such file',
    ]);
  });

  it('removes the files of an upstream that is no longer served, and no file of a stranger', () => {
    const old = { hash: 'b'.repeat(64), mode: 0o644, uid: 0, gid: 0, bytes: 1, text: 'x\n' };
    const { state } = appliedServer;
    if (state === undefined) throw new Error('the fixture has a state');
    const observed: Observed = {
      ...appliedServer,
      state: { ...state, files: { ...state.files, 'registry/quay.io.yml': old.hash } },
      files: { ...appliedServer.files, 'registry/quay.io.yml': old, 'notes.txt': old },
    };
    expect(lines(observed)).toEqual([
      'remove file registry/quay.io.yml — the node no longer needs it',
      verify,
      remember,
    ]);
  });

  it.each<[string, Observed, string]>([
    ['has no engine', { ...emptyServer, docker: 'absent' }, 'engine-missing'],
    ['has an engine that does not answer', { ...emptyServer, docker: 'stopped' }, 'engine-stopped'],
    ['has no Compose', { ...emptyServer, compose: 'absent' }, 'compose-missing'],
    ['has a link in the place of the folder', { ...emptyServer, base: 'link' }, 'base-unusable'],
    [
      'has the folder of somebody else there',
      {
        ...emptyServer,
        base: 'present',
        files: { 'a.txt': appliedServer.files['state.json'] ?? { hash: '', mode: 0, uid: 0, gid: 0, bytes: 0 } },
      },
      'foreign-files',
    ],
    [
      'has data of somebody else there',
      { ...emptyServer, base: 'present', directories: { data: { mode: 0o755, uid: 0, gid: 0 } } },
      'foreign-files',
    ],
  ])('is refused with a way out where the server %s', (_title, observed, code) => {
    const problem = problemOf(caught(() => plan(observed)));
    expect(problem.code).toBe(code);
    expect(problem.hint).not.toBe('');
  });

  it('begins with the packages where they may be installed', () => {
    const found = lines(
      { ...emptyServer, docker: 'absent', compose: 'absent' },
      { installEngine: true, standings: missing },
    );
    expect(found[0]).toBe('install packages of Docker and Compose — no container engine');
  });

  it('takes a kept cache for its own', () => {
    const observed: Observed = {
      ...emptyServer,
      base: 'present',
      directories: { ...appliedServer.directories, 'data/blobs': { mode: 0o755, uid: 10001, gid: 10001 } },
    };
    expect(lines(observed)).not.toContain('create directory data — no such directory');
    expect(lines({ ...observed, files: { pins } })).toEqual(lines(observed));
  });

  it('counts pins neither as a change of the server nor as a stranger, and a file beside them as both', () => {
    const pinned = { ...appliedServer, files: { ...appliedServer.files, pins } };
    expect(plan(pinned).plan).toEqual(plan(appliedServer).plan);
    expect(foreignFiles(pinned, Object.keys(appliedServer.files))).toEqual([]);
    const other = { ...appliedServer, files: { ...appliedServer.files, 'pins.bak': pins } };
    expect(plan(other).plan.hash).not.toBe(plan(appliedServer).plan.hash);
    expect(foreignFiles(other, Object.keys(appliedServer.files))).toEqual(['pins.bak']);
  });

  it('warns of a lock without counting its age as a change of the server', () => {
    const lock = { who: 'bob@desk', when: '2026-11-25T00:00:00Z', why: 'apply of tokyo', ageSeconds: 3 };
    const locked = plan({ ...appliedServer, lock });
    expect(locked.plan.warnings[0]?.message).toContain('bob@desk');
    expect(locked.plan.hash).toBe(plan(appliedServer).plan.hash);
  });
});

const pins = { hash: 'b'.repeat(64), mode: 0o644, uid: 0, gid: 0, bytes: 30, text: 'docker.io/library/nginx\n' };

function touch(path: string, change: Partial<Observed['files'][string]>): Observed {
  const found = appliedServer.files[path];
  if (found === undefined) throw new Error(`no ${path} in the fixture`);
  return { ...appliedServer, files: { ...appliedServer.files, [path]: { ...found, ...change } } };
}

function caught(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
