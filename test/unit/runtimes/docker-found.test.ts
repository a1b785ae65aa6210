import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { EdgeLogLine } from '../../../main/fleet/edge-log.ts';
import { dockerdFlags, dockerPlace } from '../../../main/runtimes/docker-place.ts';
import { type DockerFound, dockerProblem } from '../../../main/runtimes/docker-problems.ts';
import { commandLine, refusal, waysToRoot } from '../../../main/runtimes/elevation.ts';
import { storageOf } from '../../../main/runtimes/docker-storage.ts';
import { evidenceIn } from '../../../main/runtimes/proof.ts';
import { type SwitchRecord, SwitchRecords } from '../../../main/runtimes/switch-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const info = { OperatingSystem: 'Debian', Name: 'laptop', DockerRootDir: '/var/lib/docker' };
const fine: DockerFound = { state: 'found', version: '20.10.24', store: 'classic', mirrors: [], info };

describe('a Docker that cannot be switched says why', () => {
  const cases: readonly (readonly [string | undefined, Partial<DockerFound>])[] = [
    [undefined, {}],
    [undefined, { version: '26.1.5', store: 'containerd' }],
    ['docker-containerd-store', { version: '28.5.2', store: 'containerd' }],
    ['docker-too-old', { version: '19.03.1' }],
    ['docker-rootless-not-yet', { info: { ...info, SecurityOptions: ['name=seccomp', 'name=rootless'] } }],
    ['docker-snap-not-yet', { info: { ...info, DockerRootDir: '/var/snap/docker/common/var-lib-docker' } }],
    ['docker-vm-not-yet', { info: { ...info, OperatingSystem: 'Docker Desktop' } }],
    ['docker-is-podman', { components: ['Podman Engine'] }],
    ['docker-mirror-flag', { flags: { configFile: '/etc/docker/daemon.json', mirrorsByFlag: true } }],
    ['docker-config-elsewhere', { flags: { configFile: '/srv/d.json', mirrorsByFlag: false } }],
    ['docker-stopped', { state: 'stopped' }],
    ['docker-absent', { state: 'absent' }],
    ['docker-needs-permission', { state: 'needs-permission' }],
  ];
  test.each(cases)('%s', (code, more) => {
    expect(dockerProblem({ ...fine, ...more }, 'linux')?.code).toBe(code);
  });
});

describe('where the docker command goes', () => {
  const home = join(folder, 'home');
  const meta = join(home, '.docker/contexts/meta', createHash('sha256').update('far').digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"far"}');
  writeFileSync(join(meta, 'meta.json'), '{"Name":"far","Endpoints":{"docker":{"Host":"ssh://far"}}}');

  test.each([
    [{ DOCKER_HOST: 'tcp://x:1', DOCKER_CONTEXT: 'far' }, 'tcp://x:1'],
    [{ DOCKER_CONTEXT: 'default' }, 'unix:///var/run/docker.sock'],
    [{}, 'ssh://far'],
  ])('%j', async (environment, host) => {
    expect((await dockerPlace(environment, home)).host).toBe(host);
  });

  test('dockerd’s flags are read in both spellings', () => {
    expect(dockerdFlags(['dockerd', '--config-file', '/a.json'])).toEqual({
      configFile: '/a.json',
      mirrorsByFlag: false,
    });
    expect(dockerdFlags(['dockerd', '--config-file=/b.json', '--registry-mirror=https://m'])).toEqual({
      configFile: '/b.json',
      mirrorsByFlag: true,
    });
    expect(dockerdFlags(['dockerd', '-p', '/x.pid']).configFile).toBe('/etc/docker/daemon.json');
  });
});

describe('becoming root', () => {
  test.each([
    [{ uid: 0, passwordKnown: true, terminal: true, session: true }, ['direct']],
    [{ uid: 1000, passwordKnown: true, terminal: false, session: true }, ['sudo', 'sudo-password']],
    [{ uid: 1000, passwordKnown: false, terminal: false, session: true }, ['sudo', 'pkexec']],
    [{ uid: 1000, passwordKnown: false, terminal: true, session: true }, ['sudo']],
  ])('%j tries %j', (around, ways) => {
    expect(waysToRoot(around)).toEqual(ways);
  });

  test('tells a program that root cannot reach from a user whom sudo refuses', () => {
    const run = {
      node: '/tmp/.mount_Mirror/resources/bin/node',
      helper: '/tmp/.mount_Mirror/resources/cli/helper.mjs',
    };
    expect(refusal(`sudo: ${run.node}: command not found\n`, true, run)).toMatchObject({
      code: 'helper-unreachable',
      message: `Root cannot run ${run.node}. Nothing was changed.`,
    });
    expect(refusal('sudo: a password is required\n', false, run).code).toBe('sudo-password-needed');
  });

  test('runs one fixed program by its absolute path', () => {
    expect(commandLine('sudo-password', { node: '/usr/bin/node', helper: '/opt/h.ts' })).toEqual([
      'sudo',
      '-S',
      '-k',
      '-p',
      '',
      '--',
      '/usr/bin/node',
      '--disable-sigusr1',
      '/opt/h.ts',
    ]);
    // The package's polkit action names the program and its first argument.
    expect(commandLine('pkexec', { node: '/n', helper: '/opt/h.ts' })).toEqual(['pkexec', '/n', '/opt/h.ts']);
  });
});

describe('evidence of a pull', () => {
  const line = (more: Partial<EdgeLogLine>): EdgeLogLine => ({
    id: 'r1',
    time: '2026-01-01T00:00:05.000Z',
    path: '/v2/library/busybox/manifests/sha256:aa',
    status: 200,
    peerFingerprint: 'AB',
    agent: 'docker/20.10.24',
    ...more,
  });
  const sought = {
    certificate: 'ab',
    repository: 'library/busybox',
    since: Date.parse('2026-01-01T00:00:05.900Z'),
    agent: 'docker/',
    fresh: true,
  };
  const ping = line({ path: '/v2/' });

  test.each<[string, readonly EdgeLogLine[], boolean, number]>([
    ['a manifest request of the engine', [line({})], true, 1],
    ['our own question', [line({ agent: 'mirrorfleet' })], true, 0],
    ['another laptop', [line({ peerFingerprint: 'cd' })], true, 0],
    ['no certificate', [line({ peerFingerprint: null })], true, 0],
    ['a request of before', [line({ time: '2026-01-01T00:00:04.999Z' })], true, 0],
    ['a refused request', [line({ status: 404 })], true, 0],
    ['another image', [line({ path: '/v2/library/nginx/manifests/1' })], true, 0],
    ['only a ping for a new image', [ping], true, 0],
    ['only a ping for an image that was there', [ping], false, 1],
    ['a ping and a refused manifest', [ping, line({ status: 500 })], false, 0],
  ])('%s', (_, requests, fresh, count) => {
    expect(evidenceIn(requests, { ...sought, fresh })).toHaveLength(count);
  });
});

test('what Docker keeps is all its layers, and what can go is all but those of images in use', () => {
  const image = (Size: number, SharedSize: number, Containers: number) => ({ Size, SharedSize, Containers });
  const answer = {
    LayersSize: 100,
    Images: [image(60, 20, 1), image(40, -1, 0)],
    BuildCache: [{ Size: 7 }, { Size: 5, Shared: true }],
  };
  expect(storageOf(answer)).toEqual({
    images: { count: 2, bytes: 100, reclaimableBytes: 60 },
    buildCacheBytes: 7,
  });
  expect(storageOf({ LayersSize: 0, Images: null })).toEqual({
    images: { count: 0, bytes: 0, reclaimableBytes: 0 },
    buildCacheBytes: 0,
  });
});

describe('the record of switches', () => {
  const file = join(folder, 'deep/switches.json');
  const record: SwitchRecord = {
    state: 'switching',
    route: ['tokyo'],
    mirrors: [],
    original: { path: '/x', bytes: null },
    files: {},
    interim: [],
    backups: [],
    folders: [],
    at: 1,
  };

  test('is a file of the user alone, and gone when nothing is switched', () => {
    const records = new SwitchRecords(file);
    expect(records.read('docker')).toBeUndefined();
    records.write('docker', record);
    expect(new SwitchRecords(file).read('docker')).toEqual(record);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    records.remove('docker');
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('that is damaged is a Problem, not an empty record', () => {
    writeFileSync(file, '{"version":1');
    expect(() => new SwitchRecords(file).read('docker')).toThrow(/damaged/);
    rmSync(file);
  });
});
