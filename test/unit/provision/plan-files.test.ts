import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../main/provision/desired.ts';
import type { EdgeVersions } from '../../../main/provision/edge-stats.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { changesOf, leavesNothingBehind } from '../../../main/provision/plan-changes.ts';
import { planDirectories, planFiles, runningVersion } from '../../../main/provision/plan-files.ts';
import { planServices } from '../../../main/provision/plan-services.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import type { NodeDirectory } from '../../../main/provision/render/node-files.ts';
import { appliedServer, desired, emptyServer, spec, standings } from './node-fixture.ts';

const edge: EdgeVersions = { cds: 'k1', lds: 'l1', routes: { edge: 'r1' }, secrets: ['c1'], refusals: 0 };
const file = (path: string) => {
  const found = desired.files.find((each) => each.path === path);
  if (found === undefined) throw new Error(`no ${path} in the fixture`);
  return found;
};

describe('the version that the edge runs of a file', () => {
  it.each<[string, string, EdgeVersions, string | undefined]>([
    ['clusters', 'envoy/xds/cds.yaml', edge, 'k1'],
    ['listeners', 'envoy/xds/lds.yaml', edge, 'l1'],
    ['the table called edge', 'envoy/xds/rds.yaml', edge, 'r1'],
    ['a table of its own name', 'envoy/xds/metrics.yaml', { ...edge, routes: { edge: 'r1', metrics: 'm1' } }, 'm1'],
    ['a table that it does not name', 'envoy/xds/metrics.yaml', edge, undefined],
    ['no table', 'envoy/xds/rds.yml', edge, undefined],
  ])('is, for %s, what it says', (_, path, said, version) => {
    expect(runningVersion({ path, role: 'xds', text: 'version_info: w\n' }, said)).toBe(version);
  });

  it.each([
    ['among others', ['b0', 'c1'], 'c1'],
    ['not there', ['b0'], ''],
    ['not told', [], undefined],
  ])('is, for a secret that is %s among those it has, its own or none', (_, secrets, version) => {
    const sds = { path: 'envoy/sds/server_cert.yaml', role: 'sds' as const, text: 'version_info: c1\n' };
    expect(runningVersion(sds, { ...edge, secrets })).toBe(version);
    expect(runningVersion({ ...sds, text: 'resources: []\n' }, { ...edge, secrets: [''] })).toBe('');
  });
});

describe('a file that lies there as it should', () => {
  const causes = (running: EdgeVersions | undefined) => {
    const { edge: _, ...rest } = appliedServer;
    const work = planFiles(desired.files, running === undefined ? rest : { ...rest, edge: running });
    return work.steps.map(({ id, action, because, diff }) => [id, action, because, diff]);
  };

  it.each<[string, EdgeVersions | undefined, unknown[]]>([
    ['the edge runs all of it', edge, []],
    ['the edge is not there to be asked', undefined, []],
    ['the edge says nothing of it', { routes: {}, secrets: [], refusals: 0 }, []],
    [
      'the edge runs another table',
      { ...edge, routes: { edge: 'r0' } },
      [['file:envoy/xds/rds.yaml', 'reload', { code: 'edge-runs-other', values: { version: 'r0' } }, undefined]],
    ],
    [
      'the edge runs no clusters at all',
      { ...edge, cds: '' },
      [['file:envoy/xds/cds.yaml', 'reload', { code: 'edge-runs-none' }, undefined]],
    ],
    [
      'the edge has another certificate',
      { ...edge, secrets: ['c0'] },
      [['file:envoy/sds/server_cert.yaml', 'reload', { code: 'edge-runs-none' }, undefined]],
    ],
  ])('is handed over again only where the edge runs another: %s', (_, running, expected) => {
    expect(causes(running)).toEqual(expected);
  });
});

describe('a file of the plan', () => {
  const found = { hash: 'b'.repeat(64), mode: 0o644, uid: 0, gid: 0, bytes: 1 };
  const stepOf = (path: string, there: Observed['files'][string] | undefined, observed: Observed = appliedServer) => {
    const { [path]: _, ...files } = observed.files;
    const work = planFiles(desired.files, {
      ...observed,
      files: there === undefined ? files : { ...files, [path]: there },
    });
    return work.steps.find(({ id }) => id === `file:${path}`);
  };

  it('says how many bytes come, and stops nothing by itself', () => {
    const euro = { ...file('envoy/envoy.yaml'), text: 'price: €\n' };
    expect(planFiles([euro], emptyServer).steps).toMatchObject([
      { resource: 'file envoy/envoy.yaml', action: 'create', bytes: 11, interrupts: false },
    ]);
  });

  it('shows no diff where only its rights change, and says both rights as they are written', () => {
    const { text, hash } = { text: 'admin: {}\n', hash: sha256('admin: {}\n') };
    expect(stepOf('envoy/envoy.yaml', { ...found, text, hash, mode: 0o4 })).toMatchObject({
      action: 'change',
      because: { code: 'mode-differs', values: { found: '04', wanted: '0644' } },
    });
    expect(stepOf('envoy/envoy.yaml', { ...found, text, hash, mode: 0o4 })).not.toHaveProperty('diff');
    expect(stepOf('envoy/envoy.yaml', { ...found, text, hash, gid: 9 })?.because).toEqual({
      code: 'owner-differs',
      values: { found: '0:9', wanted: '0:0' },
    });
    expect(stepOf('envoy/envoy.yaml', { ...found, text, hash })).toBeUndefined();
  });

  it('of the node’s state that is no longer wanted goes, with what it held', () => {
    const { state } = appliedServer;
    if (state === undefined) throw new Error('the fixture has a state');
    const old = { ...state, files: { 'z.yml': found.hash, 'a.yml': found.hash, 'gone.yml': found.hash } };
    const files = { ...appliedServer.files, 'z.yml': { ...found, text: 'old\n' }, 'a.yml': found };
    const work = planFiles(desired.files, { ...appliedServer, state: old, files });
    expect(work.remove).toEqual(['a.yml', 'z.yml']);
    expect(work.steps).toEqual([
      {
        id: 'file:a.yml',
        resource: 'file a.yml',
        action: 'remove',
        because: { code: 'file-not-needed' },
        interrupts: false,
      },
      {
        id: 'file:z.yml',
        resource: 'file z.yml',
        action: 'remove',
        because: { code: 'file-not-needed' },
        diff: '--- a/z.yml\n+++ b/z.yml\n@@ -1,1 +0,0 @@\n-old\n',
        interrupts: false,
      },
    ]);
  });
});

describe('the folders of a node', () => {
  const root = { uid: 0, gid: 0 };
  const folder = (path: string): NodeDirectory => ({ path, mode: 0o755, owner: root });
  const link = (path: string, target: string): NodeDirectory => ({ path, mode: 0o777, owner: root, target });
  const told = (wanted: readonly NodeDirectory[], observed: Partial<Observed>) => {
    const { steps, make } = planDirectories(wanted, { ...emptyServer, ...observed });
    return [
      steps.map(({ resource, action, because }) => [resource, action, because.code, because.values]),
      make.length,
    ];
  };
  const there = { mode: 0o755, uid: 0, gid: 0 };

  it.each<[string, readonly NodeDirectory[], Partial<Observed>, unknown]>([
    ['all there', [folder('a'), link('a/l', '../b')], { directories: { a: there }, links: { 'a/l': '../b' } }, [[], 0]],
    ['one that is new', [folder('a')], {}, [[['directory a', 'create', 'no-such-directory', undefined]], 1]],
    [
      'one that is new with a folder and a link in it, and one of a longer name beside it',
      [folder('a'), folder('a/b'), link('a/b/l', '..'), folder('ab')],
      {},
      [
        [
          ['directory a', 'create', 'no-such-directory-with', { count: 2 }],
          ['directory ab', 'create', 'no-such-directory', undefined],
        ],
        4,
      ],
    ],
    [
      'one with wrong rights, and what is missing in it',
      [folder('a'), folder('a/b')],
      { directories: { a: { ...there, mode: 0o700 } } },
      [
        [
          ['directory a', 'change', 'mode-differs', { found: '0700', wanted: '0755' }],
          ['directory a/b', 'create', 'no-such-directory', undefined],
        ],
        2,
      ],
    ],
    [
      'a link in its place',
      [folder('a')],
      { links: { a: '/x' } },
      [[['directory a', 'change', 'link-in-place', undefined]], 1],
    ],
    ['a link that is new', [link('l', 'x')], {}, [[['link l', 'create', 'no-such-link', { wanted: 'x' }]], 1]],
    [
      'a folder in the place of a link',
      [link('l', 'x')],
      { directories: { l: there } },
      [[['link l', 'change', 'folder-in-place', undefined]], 1],
    ],
    [
      'another link',
      [link('l', 'x')],
      { links: { l: 'y' } },
      [[['link l', 'change', 'link-differs', { found: 'y', wanted: 'x' }]], 1],
    ],
  ])('are told as what a person would do: %s', (_, wanted, observed, expected) => {
    expect(told(wanted, observed)).toEqual(expected);
  });

  it('interrupt nothing', () => {
    const [step] = planDirectories([folder('a')], emptyServer).steps;
    expect([step?.id, step?.interrupts]).toEqual(['directory:a', false]);
  });
});

describe('the services of a node', () => {
  const work = (observed: Observed, written = desired.files.slice(0, 0)) =>
    planServices(desired.files, written, standings, observed);
  const container = (service: string, state = 'running') => ({ id: 'c'.repeat(64), service, state, image: 'x' });

  it('say what stops for a moment, and what is started beside it', () => {
    const stopped = { ...appliedServer, containers: [container('envoy', 'exited')] };
    expect(work(stopped)).toMatchObject({ up: true, restart: [], orphans: [] });
    expect(work(stopped).steps.map(({ id, action, because, interrupts }) => [id, action, because, interrupts])).toEqual(
      [
        ['service:mirror-docker.io', 'start', { code: 'no-container' }, false],
        ['service:envoy', 'start', { code: 'container-not-running', values: { state: 'exited' } }, false],
      ],
    );
    const { steps, restart } = work(appliedServer, [file('envoy/envoy.yaml')]);
    expect(restart).toEqual(['envoy']);
    expect(steps).toMatchObject([
      { action: 'restart', because: { code: 'file-changes', values: { files: 'envoy/envoy.yaml' } }, interrupts: true },
    ]);
    expect(work(appliedServer)).toMatchObject({ up: false, steps: [], restart: [], orphans: [] });
  });

  it('name every file that a container would have to read again', () => {
    const second = { ...file('envoy/envoy.yaml'), path: 'envoy/other.yaml' };
    expect(
      work(appliedServer, [file('envoy/envoy.yaml'), second, file('envoy/xds/cds.yaml')]).steps[0]?.because,
    ).toEqual({
      code: 'files-change',
      values: { files: 'envoy/envoy.yaml, envoy/other.yaml' },
    });
  });

  it('are renewed where the definition is another than the one that was applied', () => {
    const { state } = appliedServer;
    if (state === undefined) throw new Error('the fixture has a state');
    const observed = { ...appliedServer, state: { ...state, services: { ...state.services, envoy: 'f'.repeat(64) } } };
    expect(work(observed).steps.map(({ id, because }) => [id, because])).toEqual([
      ['service:envoy', { code: 'definition-changed' }],
    ]);
  });

  it('are the same by the image’s name and by its id, and another by neither', () => {
    const by = (image: string) =>
      work({ ...appliedServer, containers: appliedServer.containers.map((each) => ({ ...each, image })) });
    const { envoy } = standings;
    if (envoy.kind !== 'present') throw new Error('the fixture has both images');
    expect(by(envoy.record.id).steps).toEqual([]);
    expect(by('envoy:1').steps.map(({ because }) => because.code)).toEqual(['other-image-runs', 'other-image-runs']);
  });

  it('that are no longer wanted go, each once, however it is called', () => {
    const observed = {
      ...appliedServer,
      containers: [...appliedServer.containers, container('old'), container('old'), container('constructor')],
    };
    expect(work(observed).orphans).toEqual(['old', 'constructor']);
    expect(work(observed).steps[0]).toEqual({
      id: 'service:old',
      resource: 'service old',
      action: 'remove',
      because: { code: 'not-in-compose' },
      interrupts: true,
    });
  });
});

describe('what a plan leaves in the journal', () => {
  const step = { resource: 'r', because: { code: 'content-differs' }, interrupts: false };

  it('are its files alone, under their paths on the node, with the cause where there is no diff', () => {
    expect(
      changesOf('/opt/mirrorfleet', [
        { ...step, id: 'directory:data', action: 'create' },
        { ...step, id: 'file:a.yaml', action: 'create', diff: '+a' },
        { ...step, id: 'file:b.key', action: 'change' },
        { ...step, id: 'file:c.yaml', action: 'remove', diff: '-c' },
        { ...step, id: 'file:d.yaml', action: 'reload' },
        { ...step, id: 'profile:e', action: 'create' },
      ]),
    ).toEqual([
      { path: '/opt/mirrorfleet/a.yaml', action: 'create', diff: '+a' },
      { path: '/opt/mirrorfleet/b.key', action: 'change', diff: '', because: { code: 'content-differs' } },
      { path: '/opt/mirrorfleet/c.yaml', action: 'delete', diff: '-c' },
    ]);
  });

  it.each([
    ['on an empty server', {}, {}, true],
    ['that installs packages', {}, { docker: 'absent' as const }, false],
    ['where a folder was there', {}, { base: 'present' as const }, false],
    ['on a node', appliedServer, { base: 'absent' as const }, false],
  ])('and whether a removal gives back what was there: a plan %s', (_, server, more, expected) => {
    const observed = { ...emptyServer, ...server, ...more };
    const plan = planNode({ spec, desired, standings, observed, installEngine: true });
    expect(leavesNothingBehind(plan, observed)).toBe(expected);
  });
});
