import { describe, expect, test } from 'vitest';
import { boundToContainerd, configOf, containerdProblem } from '../../../main/runtimes/containerd-place.ts';
import { type ContainerdFacts, planContainerd } from '../../../main/runtimes/containerd-plan.ts';
import { previewOf } from '../../../main/runtimes/switch.ts';
import { problemCode } from '../problem-code.ts';
import { bytesOf, certs, config, debian, facts, ready, switched, tokyo } from './containerd-fixture.ts';

describe('a switch of containerd', () => {
  test('makes up for the restart that a killed one did not come to, and restarts nothing where it did', () => {
    const killed = (more: Partial<ContainerdFacts>): ContainerdFacts => {
      const before = switched(debian, more);
      return before.record === undefined ? before : { ...before, record: { ...before.record, state: 'switching' } };
    };
    const plan = planContainerd(['tokyo'], [tokyo], killed({ unread: true }));
    expect(plan).toMatchObject({ activate: 'restart', restarts: ['containerd'] });
    // Which key lies there only root could tell: it is written again.
    expect(plan.edits.map(({ path }) => path.split('/').at(-1))).toEqual(['client.key']);
    expect(planContainerd(['tokyo'], [tokyo], killed({})).activate).toBe('nothing');
    expect(planContainerd([], [], killed({ unread: true, config: debian })).activate).toBe('restart');
    expect(planContainerd(['tokyo'], [tokyo], switched(debian, { unread: true })).activate).toBe('nothing');
  });

  test('writes certificates first, hosts.toml for each upstream next, config.toml last, and says the restart', () => {
    const plan = planContainerd(['tokyo'], [tokyo], facts());
    expect(plan.edits.map(({ path }) => path)).toEqual([
      `${certs}/tokyo.example/ca.crt`,
      `${certs}/tokyo.example/client.cert`,
      `${certs}/tokyo.example/client.key`,
      `${certs}/docker.io/hosts.toml`,
      `${certs}/ghcr.io/hosts.toml`,
      config,
    ]);
    expect(previewOf(plan, 1000)).toMatchObject({
      restarts: ['containerd'],
      activation: { code: 'containerd-restarts' },
      needsPrivilege: true,
    });
    expect(plan).toMatchObject({ activate: 'restart', original: { path: config, bytes: debian }, liveBefore: [] });
  });

  const restarts: readonly (readonly [string, Partial<ContainerdFacts>, string, string[]])[] = [
    ['is set', { config: ready }, 'containerd-reads-at-every-pull', []],
    ['is missing', {}, 'containerd-restarts', ['containerd']],
    ['is missing and nothing runs', { running: false }, 'containerd-stopped', []],
  ];
  test.each(restarts)('restarts only where config_path %s', (_, more, code, expected) => {
    const plan = planContainerd(['tokyo'], [tokyo], facts(more));
    expect(plan.restarts).toEqual(expected);
    expect(plan.activation.code).toBe(code);
    expect(plan.activate).toBe(expected.length > 0 ? 'restart' : 'nothing');
  });

  test('is refused where a restart is needed and no way to it is known', () => {
    expect(problemCode(() => planContainerd(['tokyo'], [tokyo], facts({ restartable: false })))).toBe(
      'containerd-restart-unknown',
    );
    expect(problemCode(() => planContainerd(['tokyo'], [tokyo], facts({ restartable: false, config: ready })))).toBe(
      'nothing',
    );
  });

  test('says that Docker restarts too where its unit is bound to containerd', () => {
    const plan = planContainerd(['tokyo'], [tokyo], facts({ dockerFollows: true }));
    expect(plan.restarts).toEqual(['containerd', 'docker']);
    expect(plan.warnings.map(({ code }) => code)).toEqual(['docker-restarts-with-containerd']);
    expect(planContainerd(['tokyo'], [tokyo], facts({ dockerFollows: true, config: ready })).warnings).toEqual([]);
  });

  test.each([
    ['Debian 12', 'Requires=system.slice sysinit.target docker.socket\nBindsTo=\nPartOf=\n', false],
    ['Docker 19.03', 'Requires=docker.socket\nBindsTo=containerd.service\nPartOf=\n', true],
    ['no unit', '', false],
  ])('reads the unit of %s', (_, said, expected) => {
    expect(boundToContainerd(said)).toBe(expected);
  });

  test('to the same route has nothing to do, to another writes hosts.toml alone', () => {
    expect(planContainerd(['tokyo'], [tokyo], switched(debian)).nothingToDo).toBe(true);
    const osaka = { ...tokyo, node: 'osaka', authority: 'osaka.example' };
    const plan = planContainerd(['tokyo', 'osaka'], [tokyo, osaka], switched(debian));
    expect(plan.edits.map(({ path }) => path).filter((path) => path.endsWith('.toml'))).toEqual([
      `${certs}/docker.io/hosts.toml`,
      `${certs}/ghcr.io/hosts.toml`,
    ]);
    expect(plan).toMatchObject({ activate: 'nothing', original: { bytes: debian } });
  });

  test('to direct takes hosts.toml away before what it names, and restarts only where config.toml changes back', () => {
    const off = planContainerd([], [], switched(debian));
    expect(off.edits.map(({ path, change }) => [path, change.action])).toEqual([
      [config, 'change'],
      [`${certs}/docker.io/hosts.toml`, 'delete'],
      [`${certs}/ghcr.io/hosts.toml`, 'delete'],
      [`${certs}/tokyo.example/ca.crt`, 'delete'],
      [`${certs}/tokyo.example/client.cert`, 'delete'],
      [`${certs}/tokyo.example/client.key`, 'delete'],
    ]);
    expect(off.edits[0]?.bytes).toEqual(debian);
    expect(off).toMatchObject({ restarts: ['containerd'], expectedMirrors: [] });
    const gentle = planContainerd([], [], switched(ready));
    expect(gentle).toMatchObject({ restarts: [], original: undefined, expectedMirrors: [] });
    expect(planContainerd([], [], facts()).nothingToDo).toBe(true);
  });

  test('leaves an edit of config.toml that it cannot tell from its own, and says so', () => {
    const edited = bytesOf(new TextDecoder().decode(ready).replace('config_path', 'config_path '));
    const off = planContainerd([], [], switched(debian, { config: edited }));
    expect(off.warnings.map(({ code }) => code)).toEqual(['containerd-config-path-left']);
    expect(off.edits.some(({ path }) => path === config)).toBe(false);
    expect(off.restarts).toEqual([]);
  });

  test('says that _default no longer counts, and refuses a folder of the user', () => {
    const folders = new Map([['_default', { files: ['hosts.toml'], hosts: undefined }]]);
    expect(planContainerd(['tokyo'], [tokyo], facts({ folders })).warnings[0]?.code).toBe(
      'containerd-default-shadowed',
    );
    const own = new Map([['ghcr.io', { files: ['ca.crt'], hosts: undefined }]]);
    expect(problemCode(() => planContainerd(['tokyo'], [tokyo], facts({ folders: own })))).toBe(
      'containerd-folder-not-ours',
    );
  });
});

describe('the containerd that was found', () => {
  test.each([
    [['containerd'], config],
    [['containerd', '--config', '/x.toml'], '/x.toml'],
    [['containerd', '-c=/y.toml', '--log-level', 'info'], '/y.toml'],
  ])('%j reads %s', (argv, expected) => {
    expect(configOf(argv)).toBe(expected);
  });

  const base = { state: 'found' as const, restartable: true };
  test.each([
    [{ ...base, version: '1.6.20' }, undefined],
    [{ ...base, version: '1.7.24' }, undefined],
    [{ ...base, version: '1.5.9' }, 'containerd-version-not-yet'],
    [{ ...base, version: '2.1.9' }, 'containerd-version-not-yet'],
    [base, 'containerd-version-not-yet'],
    [{ ...base, version: '1.6.20', elsewhere: '/k3s.toml' }, 'containerd-config-elsewhere'],
    [{ state: 'absent' as const, restartable: true }, 'containerd-absent'],
    [{ state: 'stopped' as const, restartable: true }, 'containerd-stopped'],
  ])('%j is judged %s', (found, code) => {
    expect(containerdProblem(found)?.code).toBe(code);
  });
});
