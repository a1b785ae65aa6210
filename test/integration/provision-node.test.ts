import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemError, fail } from '../../preload/contract/problem.ts';
import type { Host } from '../../main/hosts/host.ts';
import { hostRunning } from '../../main/hosts/host-running.ts';
import { createRegistryClient } from '../../main/hosts/registry-client.ts';
import { planLine } from '../plan-line.ts';
import { verifyNode } from '../../main/provision/verify-node.ts';
import { type Lab, attachLab } from '../lab/lab.ts';
import { Stage } from './provision-stage.ts';

const containers = ['ps', '-a', '--no-trunc', '--format', '{{.Names}} {{.ID}} {{.State}}'];

describe('a node on a server with Docker 26 and Compose 2', () => {
  let lab: Lab;
  let stage: Stage;
  let before: { files: string[]; containers: string[]; images: string[]; networks: string[] };

  const picture = async (): Promise<typeof before> => ({
    files: await stage.listing(),
    containers: await stage.docker('ps', '-aq'),
    images: await stage.docker('image', 'ls', '-aq', '--no-trunc'),
    networks: await stage.docker('network', 'ls', '-q', '--no-trunc'),
  });

  beforeAll(async () => {
    lab = await attachLab();
    stage = await Stage.open(lab, 'alpha');
    before = await picture();
  });
  afterAll(async () => {
    await stage.reconnect();
    await stage.remove().catch(() => undefined);
    await stage.host.close();
  });

  it('is planned as files, images and services, each with its cause', async () => {
    const lines = await stage.lines();
    expect(lines).toContain('create file envoy/xds/rds.yaml — no such file');
    expect(lines).toContain('start service mirror-docker.io — no container');
    expect(lines.join('\n')).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
  });

  it('comes up, gives an image of every upstream to this computer, and nothing without its certificate', async () => {
    const task = await stage.apply({}, () => undefined);
    expect(task.problem).toBeUndefined();
    expect(task.state).toBe('done');
    expect(task.steps.find((step) => step.id === 'verify')?.note).toMatchObject({
      code: 'upstreams-gave',
      values: { gave: 2, upstreams: 2 },
    });
    const stranger = createRegistryClient({
      baseUrl: `https://${stage.spec.address}/`,
      ...(stage.identity.ca === undefined ? {} : { identity: { ca: stage.identity.ca } }),
    });
    await expect(stranger.ping()).rejects.toThrow(ProblemError);
  });

  it('plans and applies nothing the second time, in one round trip', async () => {
    const plan = await stage.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.roundTrips).toBe(1);
    const trips = stage.host.roundTrips;
    const running = await stage.docker(...containers);
    const task = await stage.apply({ hash: plan.hash });
    expect(task.state).toBe('done');
    expect(stage.host.roundTrips - trips).toBe(1);
    expect(await stage.docker(...containers)).toEqual(running);
  });

  it('refuses a plan that is no longer true', async () => {
    const plan = await stage.plan();
    await stage.machine.mustExec(['sh', '-c', 'echo "# touched" >>/opt/mirrorfleet/registry/ghcr.io.yml']);
    const task = await stage.apply({ hash: plan.hash });
    expect(task.problem?.code).toBe('plan-outdated');
  });

  it('takes back a change made by hand and restarts only the mirror that read it', async () => {
    const running = await startTimes(stage);
    const plan = await stage.plan();
    expect(plan.steps.map(planLine)).toEqual([
      'change file registry/ghcr.io.yml — content differs',
      'restart service mirror-ghcr.io — registry/ghcr.io.yml changes',
      'verify node alpha — from this computer: TLS, access, a pull through every upstream',
      'change file state.json — remembers this apply',
    ]);
    expect(plan.steps[0]?.diff).toContain('-# touched');
    expect((await stage.apply({ hash: plan.hash })).state).toBe('done');
    const after = await startTimes(stage);
    const restarted = Object.keys(after).filter((name) => after[name] !== running[name]);
    expect(restarted).toEqual(['mirrorfleet-mirror-ghcr.io-1']);
    expect(await stage.lines()).toEqual([]);
  });

  it('adds an upstream without touching the containers that run, and removes it the same way', async () => {
    const running = await startTimes(stage);
    stage.spec = { ...stage.spec, upstreams: ['docker.io', 'ghcr.io', 'quay.io'] };
    const task = await stage.apply();
    expect(task.problem).toBeUndefined();
    expect(task.steps.find((step) => step.id === 'verify')?.note).toMatchObject({ values: { gave: 3, upstreams: 3 } });
    expect(await startTimes(stage)).toMatchObject(running);
    expect(await stage.lines()).toEqual([]);
    stage.spec = { ...stage.spec, upstreams: ['docker.io', 'ghcr.io'] };
    expect(await stage.lines()).toContain('remove service mirror-quay.io — no longer in compose.yaml');
    const removal = await stage.apply();
    expect(removal.problem).toBeUndefined();
    expect(await startTimes(stage)).toEqual(running);
    expect(await stage.lines()).toEqual([]);
  });

  it('renews the certificate of a running edge without touching a container', async () => {
    const running = await startTimes(stage);
    await stage.renew();
    expect(await stage.lines()).toEqual([
      expect.stringMatching(
        /^change file envoy\/sds\/server_cert.yaml — content differs \(sha256 [0-9a-f]{12} → [0-9a-f]{12}; holds a secret, not shown\)$/,
      ),
      'verify node alpha — from this computer: TLS, access, a pull through every upstream',
      'change file state.json — remembers this apply',
    ]);
    expect((await stage.apply()).problem).toBeUndefined();
    expect(await startTimes(stage)).toEqual(running);
    expect(await stage.lines()).toEqual([]);
  });

  it('warns and goes on when an upstream refuses for its own reason', async () => {
    const good = stage.spec;
    await lab.internet.gate.fault('gcr.io', { kind: 'status', status: 429, on: 'all' });
    stage.spec = { ...good, upstreams: ['docker.io', 'ghcr.io', 'gcr.io'] };
    const task = await stage.apply();
    await lab.internet.gate.clear('gcr.io');
    expect(task.problem).toBeUndefined();
    expect(task.warnings).toMatchObject([{ code: 'upstream-refuses', detail: { upstream: 'gcr.io' } }]);
    stage.spec = good;
    expect((await stage.apply()).state).toBe('done');
  });

  it('tells an edge that cannot be reached from here from one that does not run', async () => {
    const wrong = { spec: { ...stage.spec, port: 444 }, identity: stage.identity, expected: { routes: undefined } };
    await expect(verifyNode({ ...wrong, patienceMs: 0 })).rejects.toMatchObject({
      problem: { code: 'node-unreachable' },
    });
  });

  it('stops between steps when it is cancelled, gives the lock back, and is finished by the next apply', async () => {
    const good = stage.spec;
    stage.spec = { ...good, upstreams: ['docker.io', 'ghcr.io', 'registry.k8s.io'] };
    const task = await stage.cancelledAt('files');
    expect(task.state).toBe('cancelled');
    expect(await stage.machine.exec(['test', '-e', '/opt/mirrorfleet/lock'])).toMatchObject({ code: 1 });
    expect(await stage.lines()).toContain('start service mirror-registry.k8s.io — no container');
    expect((await stage.apply()).state).toBe('done');
    stage.spec = good;
    expect((await stage.apply()).state).toBe('done');
  });

  it('puts the previous files and containers back when the changed node fails its verification', async () => {
    const running = await startTimes(stage);
    const good = stage.spec;
    stage.spec = { ...good, upstreams: ['docker.io', 'ghcr.io', 'quay.io'] };
    const task = await stage.apply({
      verify: () => fail({ code: 'node-unreachable', message: 'It does not answer.', hint: 'Open the port.' }),
    });
    expect(task.problem?.code).toBe('node-unreachable');
    expect(task.problem?.message).toContain('The previous files and containers of alpha are back.');
    expect(task.steps.filter((step) => step.state === 'undone').length).toBeGreaterThan(0);
    stage.spec = good;
    expect(await startTimes(stage)).toEqual(running);
    expect(await stage.lines()).toEqual([]);
  });

  it('keeps what was tried and serves when the connection ends while the note of it is written', async () => {
    const running = await startTimes(stage);
    const two = stage.spec;
    stage.spec = { ...two, upstreams: ['docker.io', 'ghcr.io', 'quay.io'] };
    await stage.apply();
    stage.spec = two;
    const task = await stage.apply({ host: losesWhatSays(stage.host, 'state.json') });
    expect(task.problem).toMatchObject({ code: 'connection-lost', message: expect.stringContaining('was tried') });
    expect(await startTimes(stage)).toEqual(running);
    expect(await stage.lines()).toEqual([]);
    expect((await stage.machine.exec(['ls', '/opt/mirrorfleet/registry/quay.io.yml'])).code).not.toBe(0);
  });

  it('stays as it is when nothing of a change can be written, whatever the change before has kept', async () => {
    const two = stage.spec;
    const running = await startTimes(stage);
    await stage.machine.mustExec(['grep', '-q', 'quay.io', '/opt/mirrorfleet/.previous/compose.yaml']);
    // A folder that cannot be taken away stops the writing at its first command.
    const incoming = '/opt/mirrorfleet/.incoming';
    await stage.machine.mustExec(['sh', '-ec', `mkdir ${incoming}; mount --bind ${incoming} ${incoming}`]);
    stage.spec = { ...two, upstreams: ['docker.io', 'ghcr.io', 'gcr.io'] };
    const task = await stage.apply();
    await stage.machine.mustExec(['sh', '-ec', `umount ${incoming}; rm -rf ${incoming}`]);
    expect(task.problem?.code).toBe('write-failed');
    stage.spec = two;
    expect(await stage.lines()).toEqual([]);
    expect(await startTimes(stage)).toEqual(running);
  });

  it('puts the previous routes back when the edge refuses new ones, and the edge never stops serving', async () => {
    const request = stage.request();
    const task = await stage.apply({
      render: (images) => {
        const { files, directories } = request.render(images);
        const broken = files.map((file) =>
          file.path === 'envoy/xds/rds.yaml'
            ? {
                ...file,
                text: file.text.replace(/version_info: .*/, 'version_info: broken').replace('domains:', 'domainz:'),
              }
            : file,
        );
        return { files: broken, directories };
      },
    });
    expect(task.problem?.code).toBe('edge-refused');
    expect(task.problem?.detail?.['envoy']).toContain('domainz');
    expect(await stage.lines()).toEqual([]);
    await expect(stage.ping()).resolves.toBe(200);
  });

  it('goes on after an apply that broke off in the middle', async () => {
    stage.spec = { ...stage.spec, upstreams: ['docker.io', 'ghcr.io', 'quay.io'] };
    let cut = false;
    const task = await stage.apply({}, ({ steps }) => {
      if (cut || steps.find((step) => step.id === 'services')?.state !== 'running') return;
      cut = true;
      void stage.host.close();
    });
    expect(task.state).toBe('failed');
    await stage.reconnect();
    const plan = await stage.plan();
    expect(plan.steps.length).toBeGreaterThan(0);
    const again = await stage.apply({ hash: plan.hash });
    expect(again.problem).toBeUndefined();
    expect(again.state).toBe('done');
    expect(await stage.lines()).toEqual([]);
  });

  it('says who holds the lock, and takes it over only when told to', async () => {
    await stage.machine.writeFile('/opt/mirrorfleet/lock', otherLock);
    stage.spec = { ...stage.spec, upstreams: ['docker.io', 'ghcr.io'] };
    const task = await stage.apply();
    expect(task.problem?.code).toBe('node-locked');
    expect(task.problem?.message).toContain('bob@desk has been working on alpha since 2026-11-25T01:00:00Z');
    const forced = await stage.apply({ breakLock: true });
    expect(forced.state).toBe('done');
    expect(await stage.machine.exec(['test', '-e', '/opt/mirrorfleet/lock'])).toMatchObject({ code: 1 });
  });

  it('is not removed while a file of somebody else lies in its folder', async () => {
    await stage.machine.writeFile('/opt/mirrorfleet/notes.txt', 'mine');
    const task = await stage.remove();
    expect(task.problem?.code).toBe('foreign-files');
    expect(task.problem?.message).toContain('notes.txt');
    await expect(stage.ping()).resolves.toBe(200);
    await stage.machine.mustExec(['rm', '/opt/mirrorfleet/notes.txt']);
    await stage.machine.writeFile('/opt/mirrorfleet/log/notes.txt', 'mine too');
    expect((await stage.remove()).problem?.message).toContain('log/notes.txt');
    expect(await stage.machine.readFile('/opt/mirrorfleet/log/notes.txt')).toBe('mine too');
    await stage.machine.mustExec(['rm', '-r', '/opt/mirrorfleet/log']);
  });

  it('is not removed while somebody else works on it, unless told to', async () => {
    await stage.machine.writeFile('/opt/mirrorfleet/lock', otherLock);
    const task = await stage.remove();
    expect(task.problem?.code).toBe('node-locked');
    expect(task.problem?.hint).toContain('--break-lock');
    await expect(stage.ping()).resolves.toBe(200);
    await stage.machine.mustExec(['rm', '/opt/mirrorfleet/lock']);
  });

  it('says that its cache is left where that cannot be deleted', async () => {
    await stage.machine.mustExec(['mount', '--bind', '/opt/mirrorfleet/data', '/opt/mirrorfleet/data']);
    await stage.machine.writeFile('/opt/mirrorfleet/lock', otherLock);
    const task = await stage.remove(false, true);
    expect(task.problem?.code).toBe('remove-incomplete');
    expect(task.problem?.message).toContain('(data is left)');
    await stage.machine.mustExec(['umount', '/opt/mirrorfleet/data']);
    expect((await stage.remove()).problem).toBeUndefined();
    expect(await picture()).toEqual(before);
    expect((await stage.apply()).state).toBe('done');
  });

  it('leaves the cache and nothing else when the cache is to be kept, and finds it again', async () => {
    expect((await stage.remove(true)).state).toBe('done');
    expect(await stage.machine.mustExec(['ls', '-A', '/opt/mirrorfleet'])).toBe('data\n');
    expect(await stage.docker('ps', '-aq')).toEqual(before.containers);
    await lab.internet.gate.resetRequests();
    expect((await stage.apply()).state).toBe('done');
    const blobs = (await lab.internet.gate.requests()).filter((each) => each.path.includes('busybox/blobs/'));
    expect(blobs).toEqual([]);
  });

  it('is gone without a trace after its removal', async () => {
    expect((await stage.remove()).state).toBe('done');
    expect(await picture()).toEqual(before);
  });

  it('leaves nothing running when a new node fails its verification', async () => {
    const task = await stage.apply({
      verify: () => fail({ code: 'node-unreachable', message: 'It does not answer.', hint: 'Open the port.' }),
    });
    expect(task.problem?.message).toContain('All that was created on alpha was removed again');
    expect(await stage.docker('ps', '-aq')).toEqual([]);
    expect(await stage.machine.mustExec(['ls', '-A', '/opt/mirrorfleet'])).toBe('.brought\n');
    expect((await stage.remove()).state).toBe('done');
    expect(await picture()).toEqual(before);
  });
});

const otherLock = JSON.stringify({
  who: 'bob@desk',
  when: '2026-11-25T01:00:00Z',
  why: 'apply of alpha',
  installation: 'other',
  run: 'x',
});

/** A machine that does all it is told, but its connection ends where a command has this word. */
function losesWhatSays(host: Host, word: string): Host {
  return hostRunning(host, async (command) => {
    const result = await host.run(command);
    if (!command.argv.includes(word)) return result;
    return fail({ code: 'connection-lost', message: 'It is gone.', hint: 'Try again.', retryable: true });
  });
}

async function startTimes(stage: Stage): Promise<Record<string, string>> {
  const ids = await stage.docker('ps', '-aq');
  const lines = await stage.docker('inspect', '--format', '{{.Name}} {{.Id}} {{.State.StartedAt}}', ...ids);
  return Object.fromEntries(lines.map((line) => [line.slice(1, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}
