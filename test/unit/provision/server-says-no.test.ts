import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeLayout } from '../../../main/fleet/node-layout.ts';
import type { CommandResult } from '../../../main/hosts/host.ts';
import { bringImage } from '../../../main/provision/bring-images.ts';
import { compose } from '../../../main/provision/compose.ts';
import { installEngine } from '../../../main/provision/install-engine.ts';
import { takeLock } from '../../../main/provision/node-lock.ts';
import { observeNode } from '../../../main/provision/observe-node.ts';
import { preflight } from '../../../main/provision/preflight.ts';
import { renderDirectories } from '../../../main/provision/render/render-node-files.ts';
import { makeDirectories, restoreFiles, writeFiles } from '../../../main/provision/write-files.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { problemCode } from '../problem-code.ts';
import { answering, problemFrom, problemOfStep } from './answering-host.ts';
import { spec } from './node-fixture.ts';

const layout = nodeLayout(spec);
const refusing = (result: Partial<CommandResult>) => answering(() => result);
const source = { reference: 'registry:3' };
const archive = join(import.meta.dirname, 'node-fixture.ts');
const id = `sha256:${'a'.repeat(64)}`;

describe('a server that answers with a failure', () => {
  it.each<[string, Partial<CommandResult>, string]>([
    ['no shell to speak of', { code: 127, stderr: 'sh: not found' }, 'observe-failed'],
    ['a banner of its own and nothing else', { stdout: 'Welcome!\n' }, 'server-answer-unreadable'],
  ])('is not looked at further: %s', async (_, result, code) => {
    expect(await problemFrom(observeNode(refusing(result), spec))).toMatchObject({ code });
  });

  it.each<[string, Partial<CommandResult>, string]>([
    ['it ends early', { code: 2, stderr: 'Read-only file system' }, 'preflight-failed'],
    ['it says something else', { stdout: '<html>' }, 'server-answer-unreadable'],
  ])('gets no verdict where %s', async (_, result, code) => {
    expect(await problemFrom(preflight(refusing(result), spec))).toMatchObject({ code });
  });

  it('is told when its lock cannot be taken, with what it said', async () => {
    const lock = {
      holder: { who: 'ada', installation: 'x' },
      why: 'apply',
      run: 'r',
      now: new Date(0),
      breakLock: false,
    };
    const host = refusing({ code: 1, stderr: 'Read-only file system' });
    expect(await problemFrom(takeLock(host, layout.base, lock))).toMatchObject({
      code: 'lock-failed',
      message: expect.stringContaining('nothing was changed'),
      detail: { output: 'Read-only file system' },
    });
  });

  it.each<[string, Partial<CommandResult>, string]>([
    ['the distribution is another', { code: 65, stdout: 'family alpine \n' }, 'engine-install-unsupported'],
    ['apt-get update fails', { code: 66, stderr: 'Temporary failure resolving' }, 'engine-install-failed'],
    ['a package fails', { code: 67, stderr: 'E: Unmet dependencies' }, 'engine-install-failed'],
    ['Docker does not start', { code: 68, stdout: 'packages docker.io\n' }, 'engine-not-starting'],
    ['it ends well but names no engine', {}, 'engine-install-failed'],
  ])('gets no engine where %s', async (_, result, code) => {
    expect(await problemOfStep((report, signal) => installEngine(refusing(result), report, signal))).toMatchObject({
      code,
    });
  });

  it.each<[string, Partial<CommandResult>, string]>([
    ['says so', { code: 1, stderr: 'yaml: line 3' }, 'compose-failed'],
    [
      'finds the port taken',
      { code: 1, stderr: 'Bind for 0.0.0.0:443 failed: port is already allocated' },
      'port-taken',
    ],
  ])('Compose %s', async (_, result, code) => {
    expect(await problemFrom(compose(refusing(result), 'plugin', layout, ['up', '-d']))).toMatchObject({ code });
  });

  it.each<[string, string, string]>([
    ['full', 'tar: write error: No space left on device', 'disk-full'],
    ['over its quota', 'tar: Disk quota exceeded', 'disk-full'],
    ['broken', 'tar: Input/output error', 'write-failed'],
  ])('has every file as the old or the new one where its disk is %s', async (_, stderr, code) => {
    const host = refusing({ code: 1, stderr });
    const file = { path: 'a', text: 'x', mode: 0o644, owner: { uid: 0, gid: 0 } };
    const whole = { code, message: expect.stringContaining('none is half written') };
    expect(await problemFrom(writeFiles(host, layout.base, [file], 'fresh'))).toMatchObject(whole);
    expect(await problemFrom(makeDirectories(host, layout.base, renderDirectories({ spec })))).toMatchObject(whole);
    expect(await problemFrom(restoreFiles(host, layout.base, [{ path: 'a', verb: 'restore' }]))).toMatchObject(whole);
  });
});

describe('an image that does not come', () => {
  const bring = (answer: Parameters<typeof answering>[0], image: { reference: string; archive?: string } = source) =>
    problemOfStep((report, signal) => bringImage(answering(answer), layout.base, 'registry', image, report, signal));

  it('because the server cannot pull it', async () => {
    expect(await bring(() => ({ code: 1, stderr: 'toomanyrequests' }))).toMatchObject({
      code: 'image-pull-failed',
      message: expect.stringContaining('its containers are as before'),
      detail: { output: 'toomanyrequests' },
    });
  });

  it.each([
    [
      'a name server kept it waiting',
      'Get "https://x/v2/": dial tcp: lookup x on 1.1.1.1:53: read udp: i/o timeout',
      3,
    ],
    ['its upstream is slow', 'Get "https://x/v2/": dial tcp 1.1.1.1:443: i/o timeout', 1],
  ])('because %s, and only a name that was not answered is asked for again', async (_, stderr, tries) => {
    let pulls = 0;
    const said = await bring(() => {
      pulls += 1;
      return { code: 1, stderr };
    });
    expect([said, pulls]).toMatchObject([{ code: 'image-pull-failed' }, tries]);
  });

  it('because its archive is not on this computer', async () => {
    const image = { ...source, archive: '/nowhere/registry.tar' };
    expect(await bring(() => ({ code: 1 }), image)).toMatchObject({ code: 'archive-unreadable' });
  });

  it('because the server does not take the archive', async () => {
    expect(await bring(() => ({ code: 1, stderr: 'invalid tar header' }), { ...source, archive })).toMatchObject({
      code: 'image-upload-failed',
      detail: { output: 'invalid tar header' },
    });
  });

  it('because the engine does not know what it has just loaded', async () => {
    const loads = (argv: readonly string[]) => argv.includes('load');
    expect(
      await bring(({ argv }) => (loads(argv) ? { stdout: `Loaded image ID: ${id}\n` } : { code: 1 }), {
        ...source,
        archive,
      }),
    ).toMatchObject({ code: 'image-missing' });
  });
});

it('no upstream takes a name under which a node keeps its own files', () => {
  expect(problemCode(() => renderDirectories({ spec: { ...spec, upstreams: ['offline'] } }))).toBe(
    'upstream-name-reserved',
  );
});

it('a login that may not become root is looked at all the same, and told so beside everything else', async () => {
  const host = answering((command) => {
    if (command.elevated === true)
      throw new ProblemError({ code: 'sudo-refused', message: 'No.', hint: 'Ask.', retryable: false });
    return { stdout: 'preflight\t1\nuid\t1000\nkernel\tLinux\nend\n' };
  });
  const { checks } = await preflight(host, spec);
  expect(checks.find(({ id: check }) => check === 'rights')).toMatchObject({
    state: 'failed',
    problem: { code: 'sudo-refused' },
  });
});
