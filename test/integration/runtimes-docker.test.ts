import { createHash } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { setRuntimeStage } from './runtimes-stage.ts';

const stage = await setRuntimeStage('docker', 'dev-sudo-pw');
const { laptop, mirror, other, tokyo, osaka, records, drive } = stage;
afterAll(() => stage.close());

const file = '/etc/docker/daemon.json';

const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script]);
const liveMirrors = async (): Promise<unknown> =>
  JSON.parse(await shell("docker info -f '{{json .RegistryConfig.Mirrors}}'")) ?? [];
/** Everything a switch may touch, as one picture: names, modes, owners and bytes. */
const picture = (): Promise<string> =>
  shell(
    `cd /etc/docker && find . -printf '%p %y %m %u:%g %l\\n' | sort; find . -type f -exec sha256sum {} + | sort; ls -d /var/lib/mirrorfleet 2>&1 || true; docker images --all --digests --no-trunc --format '{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}}' | sort`,
  );
const uptime = (): Promise<string> =>
  shell("docker inspect -f '{{.State.StartedAt}} {{.State.Pid}} {{.RestartCount}}' canary; cat /var/run/docker.pid");
const started = await uptime();

/** Docker as it was before anybody switched it, its file with these bytes; undefined: none. */
async function dockerWith(content: string | undefined): Promise<void> {
  mirror.mood = 'serving';
  await shell(
    `rm -rf ${records} /etc/docker/certs.d /var/lib/mirrorfleet; printf '{"registry-mirrors":[]}' >${file}; kill -HUP $(cat /var/run/docker.pid)`,
  );
  await vi.waitFor(async () => expect(await liveMirrors()).toEqual([]), 20_000);
  if (content === undefined) await shell(`rm ${file}`);
  else await laptop.exec(['sh', '-c', `cat >${file}`], { input: content });
  await shell('kill -HUP $(cat /var/run/docker.pid)');
}

const originals: readonly (readonly [string, string | undefined])[] = [
  ['no file', undefined],
  ['a file with tabs', '{\n\t"debug": true,\n\t"log-opts": { "max-size": "10m" }\n}'],
  ['a mirror of the user twice', '{ "registry-mirrors": ["https://user.example", "https://user.example/"] }\n'],
  ['CRLF and a mirror of the user', '{\r\n  "registry-mirrors": ["https://user.example"]\r\n}\r\n'],
];

test('after many switches the original backup and a few of the last are left on the disk', async () => {
  await dockerWith('{}');
  await drive('switch', [tokyo]);
  const backups = async (): Promise<string[]> => (await shell('ls /var/lib/mirrorfleet/backups')).trim().split('\n');
  const [first = ''] = await backups();
  const many = Array.from({ length: 20 }, (_, at) => `docker-earlier-${at}`);
  await shell(`cd /var/lib/mirrorfleet/backups; for each in ${many.join(' ')}; do cp -a ${first} $each; done`);
  const text = (await shell(`cat ${records}`)).replace(`"${first}"`, [first, ...many].map((id) => `"${id}"`).join());
  await laptop.exec(['sh', '-c', `cat >${records}`], { input: text });
  expect((await drive('switch', [osaka], { log: other.log })).task?.state).toBe('done');
  const left = await backups();
  expect(left).toContain(first);
  expect(left).toHaveLength(10);
  expect((await drive('switch')).task?.state).toBe('done');
  expect(await shell('ls -d /var/lib/mirrorfleet 2>&1 || true')).toContain('No such file');
  expect(await shell(`cat ${file}`)).toBe('{}');
});

/** The laptop is shared with the tests after this one, and Docker would not start again with the last test's file. */
afterAll(() => dockerWith(undefined));

describe('switching Debian’s Docker to a node and back', () => {
  test.each(originals)('is proven by a real pull and leaves no trace: %s', async (_, content) => {
    await dockerWith(content);
    const users = content?.includes('user.example') ? ['https://user.example/'] : [];
    await expect.poll(liveMirrors).toEqual(users);
    const before = await picture();
    const preview = await drive('preview', [tokyo]);
    expect(preview.preview?.needsPrivilege).toBe(true);
    expect(preview.preview?.warnings.map(({ code }) => code)).toEqual(['docker-mirrors-only-docker-io']);
    expect(JSON.stringify(preview)).not.toContain('PRIVATE KEY');
    expect(await picture()).toBe(before);
    const on = await drive('switch', [tokyo]);
    expect(on.task?.problem).toBeUndefined();
    expect(on.proof?.node).toBe('tokyo');
    expect(on.proof?.requests).toBeGreaterThan(0);
    expect(await liveMirrors()).toEqual([`https://${tokyo.authority}/`, ...users]);
    expect((await drive('inspect', [])).view).toMatchObject({ state: 'found', store: 'classic', route: ['tokyo'] });
    expect(await shell(`stat -c %a /etc/docker/certs.d/*/client.key`)).toBe('600\n');
    const again = await drive('switch', [tokyo], { password: undefined });
    expect(again).toMatchObject({ helpers: 0, task: { state: 'done' } });
    const off = await drive('switch', []);
    expect(off.task?.problem).toBeUndefined();
    expect(await liveMirrors()).toEqual(users);
    expect(await picture()).toBe(before);
    expect(await uptime()).toBe(started);
  });
});

describe('a switch that does not work out', () => {
  let before = '';
  beforeEach(async () => {
    await dockerWith('{\n  "debug": false\n}\n');
    before = await picture();
  });
  const asBefore = async (): Promise<void> => {
    expect(await picture()).toBe(before);
    expect(await liveMirrors()).toEqual([]);
    expect(await uptime()).toBe(started);
  };

  test.each(['hanging', 'failing'] as const)('does not begin while the mirror is %s', async (mood) => {
    mirror.mood = mood;
    const begun = Date.now();
    expect((await drive('switch', [tokyo])).task?.problem?.code).toBe('mirror-not-answering');
    expect(Date.now() - begun).toBeLessThan(8000);
    await asBefore();
  });

  test('is taken back when no request was seen at the edge', async () => {
    mirror.mood = 'silent';
    expect((await drive('switch', [tokyo])).task?.problem?.code).toBe('not-proven');
    await asBefore();
  });

  test('is taken back when it is cancelled during the proof', async () => {
    expect((await drive('switch', [tokyo], { cancel: true })).task?.state).toBe('cancelled');
    await asBefore();
  });

  test('is taken back when Docker refuses the file for a fault that was in it', async () => {
    await laptop.exec(['sh', '-c', `cat >${file}`], { input: '{ "no-such-key": true }' });
    before = await picture();
    expect((await drive('switch', [tokyo])).task?.problem?.code).toBe('reload-not-taken');
    await asBefore();
  });

  test('to a second node goes back to the first, and from there to the original', async () => {
    expect((await drive('switch', [tokyo])).task?.problem).toBeUndefined();
    const onTokyo = await picture();
    other.mood = 'silent';
    expect((await drive('switch', [osaka], { log: other.log })).task?.problem?.code).toBe('not-proven');
    expect(await liveMirrors()).toEqual([`https://${tokyo.authority}/`]);
    expect(await picture()).toBe(onTokyo);
    other.mood = 'serving';
    expect((await drive('switch', [osaka, tokyo], { log: other.log })).task?.problem).toBeUndefined();
    expect(await liveMirrors()).toEqual([`https://${osaka.authority}/`, `https://${tokyo.authority}/`]);
    expect((await drive('switch', [osaka], { log: other.log })).task?.problem).toBeUndefined();
    expect(await shell('ls /etc/docker/certs.d')).toBe(`${osaka.authority}\n`);
    expect((await drive('switch', [])).task?.problem).toBeUndefined();
    await asBefore();
  });

  test('asks for the sudo password when there is none, and says when it is wrong', async () => {
    expect((await drive('switch', [tokyo], { password: undefined })).task?.problem?.code).toBe('sudo-password-needed');
    expect((await drive('switch', [tokyo], { password: 'wrong' })).task?.problem?.code).toBe('sudo-password-wrong');
    await asBefore();
  });

  test.each([1, 2])('and dies after %i answers of the helper is seen and undone by "direct"', async (dieAfter) => {
    await drive('switch', [tokyo], { dieAfter });
    expect((await drive('inspect', [])).view?.problem?.code).toBe('switch-interrupted');
    expect((await drive('switch', [])).task?.problem).toBeUndefined();
    await asBefore();
  });

  test('after one that died goes back to where that had stopped', async () => {
    await drive('switch', [tokyo], { dieAfter: 1 });
    await shell('while pgrep -f privileged-[h]elper >/dev/null; do sleep 0.05; done');
    const stopped = await picture();
    other.mood = 'silent';
    expect((await drive('switch', [osaka], { log: other.log })).task?.problem?.code).toBe('not-proven');
    other.mood = 'serving';
    expect(await picture()).toBe(stopped);
    expect((await drive('inspect', [])).view?.problem?.code).toBe('switch-interrupted');
    expect((await drive('switch', [])).task?.problem).toBeUndefined();
    await asBefore();
  });

  test.each(['direct', 'again'] as const)('and dies before a renewed key was written is ended by "%s"', async (how) => {
    await drive('switch', [tokyo]);
    const renewed = { ...tokyo, ...mirror.renewed };
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const file = JSON.parse(await shell(`cat ${records}`)) as {
      runtimes: { docker: { files: Record<string, string>; interim: string[] } };
    };
    const { docker } = file.runtimes;
    const key = `/etc/docker/certs.d/${tokyo.authority}/client.key`;
    const interim = Object.values(docker.files);
    const files = { ...docker.files, [key]: hash(renewed.clientKey) };
    const killed = { ...file, runtimes: { docker: { ...docker, state: 'switching', files, interim } } };
    await laptop.exec(['sh', '-c', `cat >${records}`], { input: JSON.stringify(killed) });
    const ended = await drive('switch', how === 'direct' ? [] : [renewed]);
    expect(ended.task?.problem).toBeUndefined();
    if (how === 'again') {
      expect(await shell(`cat ${key}`)).toBe(renewed.clientKey);
      expect((await drive('switch', [])).task?.problem).toBeUndefined();
    }
    await asBefore();
  });

  test('keeps what someone else edited meanwhile and takes out only its own', async () => {
    await drive('switch', [tokyo]);
    await shell(`sed -i 's/"debug": false/"debug": true/' ${file}`);
    const preview = await drive('preview', []);
    expect(preview.preview?.warnings.map(({ code }) => code)).toEqual(['foreign-edit-kept']);
    expect((await drive('switch', [])).task?.problem).toBeUndefined();
    expect(await shell(`cat ${file}`)).toBe('{\n  "debug": true\n}\n');
    expect(await liveMirrors()).toEqual([]);
  });

  test('leaves an image of the user and its tag alone', async () => {
    await shell('docker pull -q busybox:latest');
    before = await picture();
    expect((await drive('switch', [tokyo])).task?.problem).toBeUndefined();
    await drive('switch', []);
    await asBefore();
    await shell('docker rmi busybox:latest');
  });

  test('refuses a file that Docker would refuse, by name', async () => {
    await laptop.exec(['sh', '-c', `cat >${file}`], { input: '{ "debug": false, }' });
    before = await picture();
    expect((await drive('preview', [tokyo])).problem?.code).toBe('daemon-json-syntax');
    await asBefore();
  });
});
