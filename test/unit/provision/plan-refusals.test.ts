import { describe, expect, it } from 'vitest';
import type { ImageStandings } from '../../../main/provision/image-identity.ts';
import type { Observed } from '../../../main/provision/observed.ts';
import { planNode } from '../../../main/provision/plan-node.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { appliedServer, desired, emptyServer, spec, standings } from './node-fixture.ts';

type Input = Parameters<typeof planNode>[0];
const plan = (observed: Observed, more: Partial<Input> = {}) =>
  planNode({ spec, desired, standings, observed, installEngine: false, ...more });
function refusal(observed: Observed, more: Partial<Input> = {}): Problem | undefined {
  try {
    plan(observed, more);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}
const file = { hash: 'b'.repeat(64), mode: 0o644, uid: 0, gid: 0, bytes: 1 };
const folder = { mode: 0o755, uid: 0, gid: 0 };

describe('a plan that cannot be made', () => {
  it.each<[string, Partial<Observed>, RegExp, RegExp]>([
    [
      'a base that is a link',
      { base: 'link' },
      /is a symbolic link; nothing was changed/,
      /Move it away, or choose another folder/,
    ],
    ['no Docker', { docker: 'absent' }, /has no Docker/, /mirrorfleet node apply tokyo --install-engine$/],
    [
      'a stopped Docker',
      { docker: 'stopped' },
      /does not answer/,
      /sudo systemctl start docker.*sudo journalctl -u docker/,
    ],
    ['no Compose', { compose: 'absent' }, /Docker but no Compose/, /mirrorfleet node apply tokyo --install-engine$/],
  ])('says the way out of %s', (_, change, message, hint) => {
    const problem = refusal({ ...emptyServer, ...change });
    expect(problem?.message).toMatch(message);
    expect(problem?.hint).toMatch(hint);
  });

  it('is made all the same where the packages may be installed, but for a folder that cannot be used', () => {
    for (const change of [{ docker: 'absent' }, { docker: 'stopped' }, { compose: 'absent' }] as const)
      expect(refusal({ ...emptyServer, ...change }, { installEngine: true })).toBeUndefined();
    expect(refusal({ ...emptyServer, base: 'file' }, { installEngine: true })?.code).toBe('base-unusable');
  });

  it('names the first five of the things that are not ours, and keeps a hundred for a report', () => {
    const files = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`f${String(at).padStart(3, '0')}`, file]));
    const problem = refusal({ ...emptyServer, base: 'present', files });
    expect(problem?.message).toBe(
      "The node's folder on tokyo holds things that are not Mirrorfleet's (f000, f001, f002, f003, f004); nothing was changed.",
    );
    expect(problem?.hint).toContain('Choose an empty folder for this node (base)');
    const found = problem?.detail?.['found']?.split('\n');
    expect([found?.length, found?.at(-1)]).toEqual([100, 'f099']);
  });

  it.each<[string, Partial<Observed>, string | undefined]>([
    ['a socket', { odd: ['socket'] }, 'foreign-files'],
    ['a folder', { directories: { www: folder } }, 'foreign-files'],
    [
      'our own folders and notes',
      { directories: { envoy: folder, '.previous': folder }, files: { '.brought': file } },
      undefined,
    ],
    ['something, and a container of ours', { files: { x: file }, containers: appliedServer.containers }, undefined],
    ['something, and our project', { files: { x: file, 'compose.yaml': file } }, undefined],
  ])('or can, by what lies in the folder: %s', (_, change, code) => {
    expect(refusal({ ...emptyServer, base: 'present', ...change })?.code).toBe(code);
  });
});

describe('the steps of a plan', () => {
  const missing: ImageStandings = {
    registry: { kind: 'missing', source: { reference: 'registry:3' } },
    envoy: { kind: 'missing', source: { reference: 'envoy:1', archive: '/a.tar' } },
  };
  const step = (observed: Observed, id: string, more: Partial<Input> = {}) =>
    plan(observed, more).plan.steps.find((each) => each.id === id);

  it('stop nothing but what they restart, and have each its cause', () => {
    const more = { installEngine: true, standings: missing };
    const server = { ...emptyServer, docker: 'absent' as const };
    expect(step(server, 'engine', more)).toEqual({
      id: 'engine',
      resource: 'packages of Docker and Compose',
      action: 'install',
      because: { code: 'no-engine' },
      interrupts: false,
    });
    expect(step(server, 'image:registry', more)).toEqual({
      id: 'image:registry',
      resource: 'image registry:3',
      action: 'pull',
      because: { code: 'image-missing' },
      interrupts: false,
    });
    expect(step(server, 'image:envoy', more)?.because).toEqual({
      code: 'image-missing-archive',
      values: { archive: '/a.tar' },
    });
    expect(step(server, 'verify', more)).toEqual({
      id: 'verify',
      resource: 'node tokyo',
      action: 'verify',
      because: { code: 'verify-from-here' },
      interrupts: false,
    });
    expect(step(server, 'state', more)).toEqual({
      id: 'state',
      resource: 'file state.json',
      action: 'create',
      because: { code: 'no-such-file' },
      interrupts: false,
    });
    expect(plan(server, more)).toMatchObject({ install: true, bring: ['registry', 'envoy'], fresh: true });
    expect(plan(server, more).make).toEqual(desired.directories);
    expect(plan(emptyServer, more).install).toBe(false);
  });

  it.each<[string, Partial<Input['spec']>, number]>([
    ['nothing', {}, 0],
    ['the port', { port: 8443 }, 2],
    ['the upstreams', { upstreams: ['docker.io', 'quay.io'] }, 2],
    ['the way to the machine', { target: { destination: 'root@192.0.2.7' } }, 0],
  ])('remember what others rely on where %s changes', (_, change, steps) => {
    expect(plan(appliedServer, { spec: { ...spec, ...change } }).plan.steps).toHaveLength(steps);
  });

  it('are those of one server: what moves by itself aside, any change of it is another plan', () => {
    const hash = (change: Partial<Observed>) => plan({ ...appliedServer, ...change }).plan.hash;
    const { state, edge } = appliedServer;
    if (state === undefined || edge === undefined) throw new Error('the fixture has a state and an edge');
    const lock = { who: 'w', when: 'n', why: 'y', ageSeconds: 1 };
    const same: Partial<Observed>[] = [
      { roundTrips: 7 },
      { base: 'absent' },
      { lock },
      { edge: { ...edge, refusals: 9 } },
      { directories: { ...appliedServer.directories, schedule: folder } },
      { files: { ...appliedServer.files, 'schedule/rules': file } },
    ];
    for (const change of same) expect(hash(change)).toBe(hash({}));
    const other: Partial<Observed>[] = [
      { edge: { ...edge, lds: 'l2' } },
      { state: { ...state, at: '2026-11-26T00:00:00Z' } },
      { files: { ...appliedServer.files, 'notes.txt': file } },
      { directories: { ...appliedServer.directories, www: folder } },
      { engineVersion: '27' },
    ];
    expect(new Set([hash({}), ...other.map(hash)]).size).toBe(other.length + 1);
    const { edge: _, ...silent } = appliedServer;
    expect(plan(silent).plan.hash).not.toBe(hash({}));
  });

  it('come with a warning where somebody works on the node, and what to do about it', () => {
    const lock = { who: 'bob@desk', when: '2026-11-25T00:00:00Z', why: 'apply of tokyo', ageSeconds: 3 };
    expect(plan({ ...appliedServer, lock }).plan).toMatchObject({
      node: 'tokyo',
      roundTrips: 1,
      warnings: [
        {
          code: 'node-locked',
          message: 'bob@desk has been working on tokyo since 2026-11-25T00:00:00Z (apply of tokyo).',
          hint: expect.stringContaining('--break-lock'),
          retryable: true,
        },
      ],
    });
    expect(plan(appliedServer).plan.warnings).toEqual([]);
  });
});
