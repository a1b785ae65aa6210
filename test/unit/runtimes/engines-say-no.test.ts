import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readableConfig } from '../../../main/runtimes/containerd.ts';
import { Docker, readable } from '../../../main/runtimes/docker.ts';
import { pullByDigest } from '../../../main/runtimes/docker-pull.ts';
import { dockerStorage } from '../../../main/runtimes/docker-storage.ts';
import { startHelper } from '../../../main/runtimes/elevation.ts';
import { Engines, type EnginesOptions } from '../../../main/runtimes/engines.ts';
import { provable } from '../../../main/runtimes/mirror-question.ts';
import { Podman } from '../../../main/runtimes/podman.ts';
import { podmanImages } from '../../../main/runtimes/podman-pull.ts';
import { SwitchRecords } from '../../../main/runtimes/switch-records.ts';
import { problemOf } from '../../../preload/contract/problem.ts';
import { problemCode } from '../problem-code.ts';
import { tokyo } from './tokyo.ts';

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engines-'));
  servers = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => problemOf(error).code,
  );
const records = () => new SwitchRecords(join(folder, 'switches.json'));

/** An engine's socket on which every question gets the same answer. */
async function socket(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  servers.push(server);
  const path = join(folder, `${servers.length}.sock`);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

describe('a docker command that talks to no engine of this computer', () => {
  const prepared = (environment: NodeJS.ProcessEnv) =>
    codeOf(new Docker(records(), environment, folder).prepare(['tokyo'], [tokyo]));

  test('is never switched', async () => {
    expect(await prepared({ DOCKER_HOST: 'tcp://192.0.2.7:2376' })).toBe('docker-not-local');
  });

  test('by a context that is not there, or damaged, is never switched', async () => {
    expect(await prepared({ DOCKER_CONTEXT: 'tokyo' })).toBe('docker-context-unreadable');
  });
});

test('a configuration file that this user may not read is not edited blindly', () => {
  expect(problemCode(() => readable('/etc/docker/daemon.json', 'unreadable'))).toBe('daemon-json-unreadable');
  expect(problemCode(() => readableConfig('unreadable'))).toBe('containerd-config-unreadable');
});

describe('a Docker that does not say what it keeps', () => {
  test.each([
    ['because it fails', 500, '{"message":"no space left"}'],
    ['because something else answers', 200, '<html>'],
    ['in a form not known', 200, '{"LayersSize":"many"}'],
  ])('%s is told', async (_, status, body) => {
    expect(await codeOf(dockerStorage(await socket(status, body)))).toBe('docker-storage-unknown');
    const pull = pullByDigest(await socket(status, body), 'library/app', 'sha256:0', AbortSignal.timeout(5000));
    expect(await codeOf(pull)).toBe('proof-pull-failed');
  });
});

describe('podman', () => {
  const podman = (script: string): void => {
    writeFileSync(join(folder, 'podman'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'podman'), 0o755);
    vi.stubEnv('PATH', folder);
  };

  test('that is not there cannot be switched', async () => {
    vi.stubEnv('PATH', folder);
    expect(await codeOf(new Podman(records()).prepare(['tokyo'], [tokyo]))).toBe('podman-absent');
  });

  test.each([
    ['fails', 'echo "cannot connect" >&2; exit 125'],
    ['says something else', 'echo Welcome'],
    ['says JSON of another kind', 'echo \'[{"Id":7}]\''],
  ])('that %s where its images are asked for is told', async (_, script) => {
    podman(script);
    expect(await codeOf(podmanImages())).toBe('podman-images-unknown');
  });

  test.each([
    ['says nothing', 'true'],
    ['says another kind of JSON', 'echo "{}"'],
  ])('that %s of itself is not switched', async (_, script) => {
    podman(script);
    expect(await codeOf(new Podman(records()).prepare(['tokyo'], [tokyo]))).toBe('podman-does-not-work');
  });
});

describe('a switch', () => {
  test('of every engine where none runs begins nothing', async () => {
    const engines = new Engines({ runtimes: [] } as unknown as EnginesOptions);
    expect(await codeOf(engines.switchAll([], undefined))).toBe('no-engine-found');
  });

  test('to a node that serves nothing small begins nothing', () => {
    expect(problemCode(() => provable({ ...tokyo, upstreams: ['registry.example'] }))).toBe('nothing-to-prove-with');
  });

  test.each([
    ['no JSON', '{', 'switch-records-unreadable'],
    ['of a newer version', '{"version":2,"runtimes":{}}', 'store-newer'],
    ['of no version', '{"version":0,"runtimes":{}}', 'switch-records-unreadable'],
    ['torn', '{"version":1,"runtimes":{"docker":{"state":"switc', 'switch-records-unreadable'],
    ['empty', '', 'switch-records-unreadable'],
    ['null', 'null', 'switch-records-unreadable'],
  ])('whose record is %s begins nothing, and the record stays', (_, text, code) => {
    writeFileSync(join(folder, 'switches.json'), text);
    expect(problemCode(() => records().read('docker'))).toBe(code);
    expect(problemCode(() => records().remove('docker'))).toBe(code);
    expect(readFileSync(join(folder, 'switches.json'), 'utf8')).toBe(text);
  });
});

test('a helper that dies before it answers is told from one that refused', async () => {
  const helper = join(folder, 'helper.mjs');
  writeFileSync(
    helper,
    `process.stdin.once('data', () => { console.log('{"ok":true}'); process.stdin.once('data', () => process.exit(1)); });`,
  );
  const around = { uid: 0, passwordKnown: false, terminal: false, session: false };
  const line = await startHelper(undefined, { node: process.execPath, helper }, around);
  expect(await codeOf(line.ask({ verb: 'apply' }))).toBe('helper-ended');
  await line.close();
});
