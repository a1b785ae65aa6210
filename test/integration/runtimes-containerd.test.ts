import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { setRuntimeStage } from './runtimes-stage.ts';

const stage = await setRuntimeStage('containerd', 'dev-sudo-pw');
const { laptop, mirror, other, tokyo, osaka, records, drive } = stage;
afterAll(() => stage.close());

const config = '/etc/containerd/config.toml';
const certs = '/etc/containerd/certs.d';

const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script], { timeoutMs: 60_000 });
/** Everything a switch may touch: names, modes, owners, bytes, and the images of the CRI's namespace. */
const picture = (): Promise<string> =>
  shell(
    `cd /etc/containerd; find . -printf '%p %y %m %u:%g %l\\n' | sort; find . -type f -exec sha256sum {} + | sort; ls -d /var/lib/mirrorfleet 2>&1 || true; ctr -n k8s.io images ls -q | sort`,
  );
const pid = (): Promise<string> => shell('cat /run/containerd.pid');
const canary = (): Promise<string> =>
  shell("docker inspect -f '{{.State.StartedAt}} {{.State.Pid}} {{.State.Running}} {{.RestartCount}}' canary");
const debian = await shell(`cat ${config}`);

/** containerd with this configuration, as nobody switched it. */
async function containerdWith(content: string | undefined): Promise<void> {
  mirror.mood = 'serving';
  other.mood = 'serving';
  await shell(`rm -rf ${records} ${certs} ${config} /var/lib/mirrorfleet`);
  if (content !== undefined) await laptop.exec(['sh', '-c', `cat >${config}`], { input: content });
  await shell('service containerd restart; ctr -n k8s.io images ls -q | xargs -r ctr -n k8s.io images rm --sync');
}
/** The laptop is shared with the tests after this one. */
afterAll(() => containerdWith(debian));

describe('switching Debian’s containerd, whose config.toml lacks config_path', () => {
  const originals: readonly (readonly [string, string | undefined])[] = [
    ['Debian’s own', debian],
    ['none', undefined],
    [
      'a registry table with CRLF',
      'version = 2\r\n\r\n[plugins."io.containerd.grpc.v1.cri".registry]\r\n  # mine\r\n  config_path = ""\r\n',
    ],
  ];
  test.each(originals)('restarts it once, says so beforehand, and leaves no trace: %s', async (_, content) => {
    await containerdWith(content);
    const before = await picture();
    const running = await pid();
    const docker = await canary();
    const { preview } = await drive('preview', [tokyo]);
    expect(preview).toMatchObject({
      needsPrivilege: true,
      restarts: ['containerd'],
      activation: { code: 'containerd-restarts' },
    });
    expect(JSON.stringify(preview)).not.toContain('PRIVATE KEY');
    expect(await picture()).toBe(before);
    const on = await drive('switch', [tokyo]);
    expect(on.task?.problem).toBeUndefined();
    expect(on).toMatchObject({ helpers: 1, proof: { node: 'tokyo' } });
    const restarted = await pid();
    expect(restarted).not.toBe(running);
    expect(await canary()).toBe(docker);
    expect(await shell(`stat -c %a ${certs}/*/client.key`)).toBe('600\n');
    const { view } = await drive('inspect');
    expect(view).toMatchObject({ state: 'found', version: '1.6.20', route: ['tokyo'], file: config });
    expect(view?.problem).toBeUndefined();
    expect(view?.mirrors).toEqual(
      ['docker.io', 'ghcr.io', 'k8s.gcr.io', 'registry.k8s.io'].map((name) => `${name} → https://${tokyo.authority}`),
    );
    expect(await drive('switch', [tokyo], { password: undefined })).toMatchObject({
      helpers: 0,
      task: { state: 'done' },
    });
    const next = await drive('switch', [osaka, tokyo], { log: other.log });
    expect(next.task?.state).toBe('done');
    expect(await pid()).toBe(restarted);
    expect((await drive('preview')).preview).toMatchObject({ restarts: ['containerd'] });
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
    expect(await canary()).toBe(docker);
  });

  test('makes what other tools read in certs.d count for it too, and no longer after direct', async () => {
    await containerdWith(debian);
    await shell(`mkdir -p ${certs}/quay.io; printf '[host."https://own.example"]\\n' >${certs}/quay.io/hosts.toml`);
    const before = await picture();
    expect((await drive('switch', [tokyo])).task?.problem).toBeUndefined();
    expect((await drive('inspect')).view?.mirrors).toContain('quay.io → https://own.example');
    expect((await drive('switch')).task?.problem).toBeUndefined();
    expect(await picture()).toBe(before);
  });
});

describe('switching a containerd that reads certs.d already', () => {
  const ready = `${debian}\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "${certs}"\n`;
  let running = '';
  let before = '';
  beforeEach(async () => {
    await containerdWith(ready);
    running = await pid();
    before = await picture();
  });

  test('restarts nothing, there and back', async () => {
    expect((await drive('preview', [tokyo])).preview).toMatchObject({
      restarts: [],
      activation: { code: 'containerd-reads-at-every-pull' },
    });
    expect((await drive('switch', [tokyo])).proof?.requests).toBeGreaterThan(0);
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
    expect(await pid()).toBe(running);
  });

  test('takes every upstream of the node from it, also under an old name', async () => {
    await drive('switch', [tokyo]);
    const asked = mirror.requests.length;
    await shell(
      `ctr -n k8s.io images pull --hosts-dir ${certs} ghcr.io/containerd/busybox:1.36 >/dev/null; ctr -n k8s.io images pull --hosts-dir ${certs} k8s.gcr.io/pause:3.10 >/dev/null`,
    );
    const paths = mirror.requests.slice(asked).map(({ path }) => path ?? '');
    expect(paths).toContain('/v2/containerd/busybox/manifests/1.36?ns=ghcr.io');
    expect(paths).toContain('/v2/pause/manifests/3.10?ns=k8s.gcr.io');
  });

  test('leaves an image of the user and its tag alone', async () => {
    await drive('switch', [tokyo]);
    await shell('ctr -n k8s.io images pull docker.io/library/busybox:latest >/dev/null');
    const images = await shell('ctr -n k8s.io images ls -q | sort');
    await drive('switch', [osaka], { log: other.log });
    expect(await shell('ctr -n k8s.io images ls -q | sort')).toBe(images);
    expect((await drive('storage', [], {}, 'root')).storage?.images).toMatchObject({ count: 1 });
    expect((await drive('storage', [], { password: undefined })).problem?.code).toBe('sudo-password-needed');
  });

  test('is taken back when no request was seen at the edge', async () => {
    mirror.mood = 'silent';
    const failed = await drive('switch', [tokyo]);
    expect(failed.task?.problem?.code).toBe('not-proven');
    expect(await picture()).toBe(before);
    expect(await pid()).toBe(running);
  });

  test('is taken back within seconds when it is cancelled during a pull that hangs', async () => {
    mirror.mood = 'holding';
    const { task, cancelledAt } = await drive('switch', [tokyo], { cancelInPull: true });
    expect(task?.state).toBe('cancelled');
    expect((task?.endedAt ?? 0) - (cancelledAt ?? 0)).toBeLessThan(5_000);
    expect(await picture()).toBe(before);
    expect(await pid()).toBe(running);
  });

  test('is not believed while the running one has read another config.toml', async () => {
    await laptop.exec(['sh', '-c', `cat >${config}`], { input: debian });
    await shell('service containerd restart');
    await laptop.exec(['sh', '-c', `cat >${config}`], { input: ready });
    const failed = await drive('switch', [tokyo]);
    expect(failed.task?.problem?.code).toBe('reload-not-taken');
    expect((await picture()).replace(/ \.$/m, '')).toBe(before.replace(/ \.$/m, ''));
  });

  test('does not take over a folder of the user', async () => {
    await shell(`mkdir -p ${certs}/ghcr.io; echo x >${certs}/ghcr.io/ca.crt`);
    expect((await drive('preview', [tokyo])).problem?.code).toBe('containerd-folder-not-ours');
  });
});

describe('a switch of containerd that does not work out', () => {
  beforeEach(() => containerdWith(debian));

  test('brings back config.toml and restarts once more when it is not proven', async () => {
    const before = await picture();
    const docker = await canary();
    mirror.mood = 'silent';
    const failed = await drive('switch', [tokyo]);
    expect(failed.task?.problem?.code).toBe('not-proven');
    expect(failed.task?.steps.map(({ id }) => id)).toEqual(['probe', 'rights', 'files', 'restart', 'proof']);
    expect(await picture()).toBe(before);
    expect(await canary()).toBe(docker);
    expect(await shell('ctr plugins ls | grep -c "cri .*ok"')).toBe('1\n');
  });

  test('brings back config.toml when containerd does not start with ours, and it runs with its own', async () => {
    const before = await picture();
    const docker = await canary();
    const script = '/etc/init.d/containerd';
    await shell(`mv ${script} ${script}.own
      printf '#!/bin/sh\\n! grep -q certs.d ${config} && exec ${script}.own "$@"\\n' >${script}; chmod 755 ${script}`);
    try {
      const failed = await drive('switch', [tokyo]);
      expect(failed.task?.problem?.code).toBe('containerd-not-restarted');
      expect(failed.task?.steps.find(({ state }) => state === 'failed')?.id).toBe('restart');
    } finally {
      await shell(`mv ${script}.own ${script}`);
    }
    expect(await picture()).toBe(before);
    expect(await canary()).toBe(docker);
    expect(await shell('ctr plugins ls | grep -c "cri .*ok"')).toBe('1\n');
    expect((await drive('inspect')).view).toMatchObject({ route: [] });
  });

  test('and dies during the proof is seen and undone by "direct"', async () => {
    const before = await picture();
    await drive('switch', [tokyo], { dieInProof: true });
    expect((await drive('inspect')).view?.problem?.code).toBe('switch-interrupted');
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
  });

  test('keeps what someone else edited meanwhile in config.toml and takes out only its own', async () => {
    await drive('switch', [tokyo]);
    await shell(`sed -i '1a oom_score = -1' ${config}`);
    expect((await drive('preview')).preview?.warnings.map(({ code }) => code)).toEqual(['foreign-edit-kept']);
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await shell(`cat ${config}`)).toBe(debian.replace('version = 2\n', 'version = 2\noom_score = -1\n'));
  });

  test('is refused without a change where config.toml has mirrors of the old kind', async () => {
    await containerdWith(
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\n  endpoint = ["https://own.example"]\n',
    );
    const before = await picture();
    expect((await drive('preview', [tokyo])).problem?.code).toBe('containerd-legacy-mirrors');
    expect((await drive('inspect')).view?.problem?.code).toBe('containerd-legacy-mirrors');
    expect(await picture()).toBe(before);
  });
});
