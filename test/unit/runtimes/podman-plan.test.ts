import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import { registriesDropIn } from '../../../main/runtimes/formats/registries-dropin.ts';
import { podmanProblem } from '../../../main/runtimes/podman.ts';
import { type PodmanRegistry, readPodmanInfo } from '../../../main/runtimes/podman-command.ts';
import { type PodmanFacts, planPodman } from '../../../main/runtimes/podman-plan.ts';
import { readPodmanImages } from '../../../main/runtimes/podman-pull.ts';
import type { MirrorEndpoint } from '../../../main/runtimes/runtime.ts';
import { previewOf } from '../../../main/runtimes/switch.ts';
import { problemCode } from '../problem-code.ts';
import { tokyo as anyTokyo } from './tokyo.ts';

const tokyo: MirrorEndpoint = { ...anyTokyo, upstreams: ['docker.io', 'registry.k8s.io'] };
const folder = '/home/me/.config/containers';
const facts = (more: Partial<PodmanFacts> = {}): PodmanFacts => ({
  folder,
  live: new Map(),
  record: undefined,
  seen: new Map(),
  service: false,
  ...more,
});
const registry = (more: Partial<PodmanRegistry> = {}): PodmanRegistry => ({
  Prefix: 'docker.io',
  Location: 'docker.io',
  Insecure: false,
  Blocked: false,
  MirrorByDigestOnly: false,
  Mirrors: [],
  ...more,
});
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe('a switch of Podman', () => {
  test('writes one drop-in and the certificates, as this user, and activates nothing', () => {
    const plan = planPodman(['tokyo'], [tokyo], facts());
    expect(plan.edits.map(({ path, mode }) => [path.slice(folder.length), mode])).toEqual([
      ['/certs.d/tokyo.example/ca.crt', 0o644],
      ['/certs.d/tokyo.example/client.cert', 0o644],
      ['/certs.d/tokyo.example/client.key', 0o600],
      ['/registries.conf.d/zz-mirrorfleet.conf', 0o644],
    ]);
    expect(parse(textOf(plan.edits[3]?.bytes))).toEqual({
      registry: ['docker.io', 'k8s.gcr.io', 'registry.k8s.io'].map((prefix) => ({
        prefix,
        location: prefix,
        mirror: [{ location: `tokyo.example/${prefix}` }],
      })),
    });
    expect(previewOf(plan, 1000)).toMatchObject({ needsPrivilege: false, restarts: [], nothingToDo: false });
    expect(JSON.stringify(previewOf(plan, 1000))).not.toContain('PRIVATE KEY');
  });

  test('asks a registry of those nodes alone that serve it, in the order of the route', () => {
    const osaka = { ...tokyo, node: 'osaka', authority: '[2001:db8::1]:8443', upstreams: ['docker.io'] };
    expect(planPodman(['osaka', 'tokyo'], [osaka, tokyo], facts()).expectedMirrors).toEqual([
      'docker.io → [2001:db8::1]:8443/docker.io',
      'docker.io → tokyo.example/docker.io',
      'k8s.gcr.io → tokyo.example/k8s.gcr.io',
      'registry.k8s.io → tokyo.example/registry.k8s.io',
    ]);
  });

  const special: readonly (readonly [string, Partial<PodmanRegistry>, string])[] = [
    ['plain', {}, 'nothing'],
    ['with a mirror', { Mirrors: [{ Location: 'own', Insecure: true, PullFromMirror: '' }] }, 'nothing'],
    ['blocked', { Blocked: true }, 'podman-registry-special'],
    ['insecure', { Insecure: true }, 'podman-registry-special'],
    ['elsewhere', { Location: 'corp.example' }, 'podman-registry-special'],
    ['by digest only', { MirrorByDigestOnly: true }, 'podman-registry-special'],
  ];
  test.each(special)('meets an entry of the user that is %s', (_, more, code) => {
    const live = new Map([['docker.io', registry(more)]]);
    expect(problemCode(() => planPodman(['tokyo'], [tokyo], facts({ live })))).toBe(code);
  });

  test('leaves a longer prefix of the user alone and says so; a running API service too', () => {
    const live = new Map([['docker.io/team', registry({ Prefix: 'docker.io/team' })]]);
    const { warnings } = planPodman(['tokyo'], [tokyo], facts({ live, service: true }));
    expect(warnings.map(({ code }) => code)).toEqual(['podman-service-keeps-old', 'podman-longer-prefix']);
  });

  test('does not take over a file that is not ours', () => {
    const seen = new Map([[`${folder}/registries.conf.d/zz-mirrorfleet.conf`, new TextEncoder().encode('x')]]);
    expect(problemCode(() => planPodman(['tokyo'], [tokyo], facts({ seen })))).toBe('certificates-not-ours');
  });

  test('to direct deletes what is on record, and has nothing to do without a record', () => {
    const on = planPodman(['tokyo'], [tokyo], facts());
    const record = {
      state: 'switched' as const,
      route: ['tokyo'],
      mirrors: [...on.ourMirrors],
      files: Object.fromEntries(on.edits.map(({ path, bytes }) => [path, hashOf(bytes)])),
      interim: [],
      backups: [],
      folders: [],
      at: 0,
    };
    const seen = new Map(on.edits.map(({ path, bytes }) => [path, bytes]));
    const live = new Map(
      ['docker.io', 'k8s.gcr.io', 'registry.k8s.io'].map((name) => [
        name,
        registry({
          Prefix: name,
          Location: name,
          Mirrors: [{ Location: `tokyo.example/${name}`, Insecure: false, PullFromMirror: '' }],
        }),
      ]),
    );
    const off = planPodman([], [], facts({ record, seen, live }));
    expect(off.edits.every(({ change }) => change.action === 'delete')).toBe(true);
    expect(off.edits).toHaveLength(4);
    expect(off.expectedMirrors).toEqual([]);
    expect(planPodman([], [], facts()).nothingToDo).toBe(true);
    expect(planPodman(['tokyo'], [tokyo], facts({ record, seen, live })).nothingToDo).toBe(true);
  });
});

test('a drop-in says what it was given, whatever the names', () => {
  const name = fc.string({ minLength: 1 });
  const mirror = fc.record({ location: name, insecure: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.record({ prefix: name, mirrors: fc.array(mirror) })), (registries) => {
      expect(registriesDropIn(['head'], registries)).toMatch(/^# head\n/);
    }),
  );
});

test('what podman info and podman images say is read, with and without a search list and doubled names', () => {
  const info = readPodmanInfo(
    JSON.stringify({
      host: { serviceIsRemote: false, security: { rootless: true } },
      version: { Version: '4.3.1' },
      registries: { search: ['docker.io'], 'docker.io': { Prefix: 'docker.io', Mirrors: null } },
    }),
  );
  expect([...info.registries.keys()]).toEqual(['docker.io']);
  expect(podmanProblem(info)).toBeUndefined();
  expect(podmanProblem({ ...info, remote: true })?.code).toBe('podman-remote-not-yet');
  expect(podmanProblem({ ...info, version: '3.4.4' })?.code).toBe('podman-too-old');
  const images = readPodmanImages(
    JSON.stringify([
      { Id: 'a', Names: ['x:1'], Size: 5, Containers: 1 },
      { Id: 'a', Names: ['y:1'], Size: 5, Containers: 1 },
      { Id: 'b', Names: null, Size: 7 },
    ]),
  );
  expect([...images]).toEqual([
    ['a', { names: ['x:1', 'y:1'], bytes: 5, used: true }],
    ['b', { names: [], bytes: 7, used: false }],
  ]);
  expect(readPodmanImages('').size).toBe(0);
});
