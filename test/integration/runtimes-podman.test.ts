import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { setRuntimeStage } from './runtimes-stage.ts';

const stage = await setRuntimeStage('podman');
const { laptop, mirror, other, tokyo, osaka, records, drive } = stage;
afterAll(() => stage.close());

const containers = '/home/dev/.config/containers';
const dropIn = `${containers}/registries.conf.d/zz-mirrorfleet.conf`;

const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script], { user: 'dev' });
const write = (path: string, input: string) =>
  laptop.mustExec(['sh', '-ec', `mkdir -p "$(dirname ${path})"; cat >${path}`], { user: 'dev', input });
/** Everything a switch may touch: names, modes, owners, bytes, and the images with their names. */
const picture = (): Promise<string> =>
  shell(
    `cd; find .config -printf '%p %y %m %u:%g\\n' | sort; find .config -type f -exec sha256sum {} + | sort; find /etc/containers -type f -exec sha256sum {} + | sort; podman images --all --no-trunc --digests --format '{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}}'`,
  );

beforeEach(async () => {
  mirror.mood = 'serving';
  other.mood = 'serving';
  await shell(`rm -rf ${containers} ${records}; podman rmi --all --force >/dev/null 2>&1 || true`);
});
afterAll(() => shell(`rm -rf ${containers} ${records}; podman rmi --all --force >/dev/null 2>&1 || true`));

describe('switching this user’s Podman to a node and back', () => {
  test('is proven by a real pull, asks nobody for a password and leaves no trace', async () => {
    const before = await picture();
    const { preview } = await drive('preview', [tokyo]);
    expect(preview).toMatchObject({ needsPrivilege: false, restarts: [], warnings: [] });
    expect(preview?.changes.map(({ path }) => path)).toContain(dropIn);
    expect(JSON.stringify(preview)).not.toContain('PRIVATE KEY');
    expect(await picture()).toBe(before);
    const on = await drive('switch', [tokyo]);
    expect(on.task?.problem).toBeUndefined();
    expect(on).toMatchObject({ helpers: 0, proof: { node: 'tokyo' } });
    expect(await shell(`stat -c %a ${containers}/certs.d/*/client.key`)).toBe('600\n');
    const { view } = await drive('inspect');
    expect(view).toMatchObject({ state: 'found', version: '4.3.1', route: ['tokyo'], file: dropIn });
    expect(view?.mirrors).toEqual(
      ['docker.io', 'ghcr.io', 'k8s.gcr.io', 'registry.k8s.io'].map((name) => `${name} → ${tokyo.authority}/${name}`),
    );
    expect(view?.abilities?.map(({ code }) => code)).toEqual(['podman-every-upstream', 'podman-of-this-user']);
    expect(await drive('switch', [tokyo])).toMatchObject({ task: { state: 'done', steps: [{ state: 'skipped' }] } });
    const off = await drive('switch');
    expect(off.task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
    expect(await laptop.exec(['test', '-e', records])).toMatchObject({ code: 1 });
  });

  test('takes every upstream of the node from it, also under an old name', async () => {
    await drive('switch', [tokyo]);
    const asked = mirror.requests.length;
    await shell('podman pull -q ghcr.io/containerd/busybox:1.36; podman pull -q k8s.gcr.io/pause:3.10');
    const paths = mirror.requests.slice(asked).map(({ path }) => path ?? '');
    expect(paths.some((path) => path.startsWith('/v2/ghcr.io/containerd/busybox/manifests/'))).toBe(true);
    expect(paths.some((path) => path.startsWith('/v2/k8s.gcr.io/pause/manifests/'))).toBe(true);
  });

  test('keeps the mirrors of the user behind ours, and gives them back alone', async () => {
    await write(
      `${containers}/registries.conf.d/50-own.conf`,
      '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "own.example/hub"\ninsecure = true\n',
    );
    const before = await picture();
    expect((await drive('switch', [tokyo])).task?.problem).toBeUndefined();
    expect((await drive('inspect')).view?.mirrors.slice(0, 2)).toEqual([
      `docker.io → ${tokyo.authority}/docker.io`,
      'docker.io → own.example/hub',
    ]);
    expect(await shell(`grep -c insecure ${dropIn}`)).toBe('1\n');
    expect((await drive('switch', [osaka, tokyo], { log: other.log })).task?.problem).toBeUndefined();
    expect((await drive('inspect')).view?.mirrors.slice(0, 3)).toEqual([
      `docker.io → ${osaka.authority}/docker.io`,
      `docker.io → ${tokyo.authority}/docker.io`,
      'docker.io → own.example/hub',
    ]);
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
  });

  test('goes back also where the user changed, gave up or set mirrors that our file had hidden', async () => {
    const own = `${containers}/registries.conf.d/50-own.conf`;
    const entry = (name: string, mirror: string) =>
      `[[registry]]\nlocation = "${name}"\n[[registry.mirror]]\nlocation = "${mirror}"\n`;
    await write(own, entry('docker.io', 'own.example/hub'));
    for (const later of [entry('docker.io', 'new.example/hub'), '', entry('ghcr.io', 'own.example/ghcr')]) {
      await drive('switch', [tokyo]);
      await write(own, later);
      expect((await drive('switch')).task?.problem).toBeUndefined();
      expect(await shell(`cat ${own}`)).toBe(later);
      expect(await laptop.exec(['test', '-e', dropIn])).toMatchObject({ code: 1 });
    }
  });

  test('leaves an image of the user and its tag alone', async () => {
    await shell('podman pull -q docker.io/library/busybox:latest');
    const before = await picture();
    expect((await drive('switch', [tokyo])).proof?.requests).toBeGreaterThan(0);
    await drive('switch');
    expect(await picture()).toBe(before);
  });

  test('tells what Podman keeps', async () => {
    await shell('podman pull -q docker.io/library/busybox:latest');
    const { storage } = await drive('storage');
    expect(storage?.images).toMatchObject({ count: 1, reclaimableBytes: storage?.images.bytes });
    expect(storage?.images.bytes).toBeGreaterThan(1_000_000);
  });
});

describe('a switch of Podman that does not work out', () => {
  test.each(['hanging', 'failing'] as const)('does not begin while the mirror is %s', async (mood) => {
    const before = await picture();
    mirror.mood = mood;
    expect((await drive('switch', [tokyo])).task?.problem?.code).toBe('mirror-not-answering');
    expect(await picture()).toBe(before);
  });

  test('is taken back to the first node when the second is not seen at its edge', async () => {
    await drive('switch', [tokyo]);
    const before = await picture();
    other.mood = 'silent';
    const failed = await drive('switch', [osaka], { log: other.log });
    expect(failed.task?.problem?.code).toBe('not-proven');
    expect(failed.task?.steps.find(({ id }) => id === 'files')?.state).toBe('undone');
    expect(await picture()).toBe(before);
    expect((await drive('inspect')).view).toMatchObject({ route: ['tokyo'] });
  });

  test('is taken back when it is cancelled during the proof', async () => {
    const before = await picture();
    expect((await drive('switch', [tokyo], { cancel: true })).task?.state).toBe('cancelled');
    expect(await picture()).toBe(before);
  });

  test('and dies during the proof is seen and undone by "direct"', async () => {
    const before = await picture();
    await drive('switch', [tokyo], { dieInProof: true });
    expect((await drive('inspect')).view?.problem?.code).toBe('switch-interrupted');
    expect((await drive('switch')).task).toMatchObject({ state: 'done' });
    expect(await picture()).toBe(before);
  });

  const special: readonly (readonly [string, string, string])[] = [
    ['blocks docker.io', '[[registry]]\nlocation = "docker.io"\nblocked = true\n', 'podman-registry-special'],
    [
      'sends docker.io elsewhere',
      '[[registry]]\nprefix = "docker.io"\nlocation = "corp.example"\n',
      'podman-registry-special',
    ],
    ['does not parse', '[[registry\n', 'podman-does-not-work'],
  ];
  test.each(special)('is refused where the user’s own file %s', async (_, content, code) => {
    await write(`${containers}/registries.conf.d/50-own.conf`, content);
    const before = await shell(`cat ${containers}/registries.conf.d/*; ls -R ${containers}`);
    expect((await drive('preview', [tokyo])).problem?.code).toBe(code);
    expect(await shell(`cat ${containers}/registries.conf.d/*; ls -R ${containers}`)).toBe(before);
  });

  test('does not lose what someone wrote into our file', async () => {
    await drive('switch', [tokyo]);
    await shell(`echo '# mine' >>${dropIn}`);
    expect((await drive('preview')).problem?.code).toBe('own-file-edited');
    expect(await shell(`tail -1 ${dropIn}`)).toBe('# mine\n');
  });
});
