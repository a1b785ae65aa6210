import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { attachLab } from '../lab/lab.ts';

const lab = await attachLab();
const laptop = await lab.machine('laptop');
const helper = resolve(import.meta.dirname, '../../main/runtimes/privileged-helper.ts');
const daemon = '/etc/docker/daemon.json';
const folder = '/etc/docker/certs.d/203.0.113.11:443';

const answerSchema = z.object({ ok: z.boolean(), problem: z.object({ code: z.string() }).optional() }).loose();
type Answer = z.infer<typeof answerSchema>;

const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script]);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The helper's answers to raw lines, after its greeting. */
async function raw(input: string): Promise<Answer[]> {
  const done = await laptop.exec([lab.state.node, helper], { input: `{"verb":"hello"}\n${input}`, timeoutMs: 20_000 });
  return done.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => answerSchema.parse(JSON.parse(line)));
}

async function ask(request: object): Promise<Answer> {
  const [answer] = await raw(`${JSON.stringify(request)}\n`);
  return answer ?? { ok: false };
}

const file = (path: string, expect: string, text: string | null, mode = 0o644) => ({
  path,
  expect,
  mode,
  bytes: text === null ? null : Buffer.from(text).toString('base64'),
});
const apply = (id: string, ...files: object[]): Promise<Answer> => ask({ verb: 'apply', id: `backup-${id}`, files });
const picture = (): Promise<string> =>
  shell(
    "find /etc/docker -printf '%p %y %m %u:%g %l %T@\\n' | grep -v 'docker d' | sed 's/\\.[0-9]*$//' | sort; find /etc/docker -type f -exec sha256sum {} +",
  );

beforeEach(() =>
  shell(
    `rm -rf /etc/docker /var/lib/mirrorfleet /tmp/victim; mkdir -m 755 /etc/docker; printf '{}' >${daemon}; chmod 640 ${daemon}; chown root:docker ${daemon}`,
  ),
);

/** The laptop is shared with the tests after this one. */
afterAll(() => shell('rm -rf /etc/docker /var/lib/mirrorfleet /tmp/victim; mkdir -m 755 /etc/docker'));

describe('the privileged helper', () => {
  test('writes with the attributes of before, and puts back exactly', async () => {
    const before = await picture();
    const answer = await apply(
      'one',
      file(`${folder}/ca.crt`, 'absent', 'CA'),
      file(`${folder}/client.key`, 'absent', 'KEY', 0o600),
      file(daemon, sha('{}'), '{"debug":true}'),
    );
    expect(answer.ok).toBe(true);
    expect(
      await shell(
        `stat -c '%a %U:%G' ${daemon} ${folder}/client.key ${folder}/ca.crt ${folder} /var/lib/mirrorfleet/backups`,
      ),
    ).toBe('640 root:docker\n600 root:root\n644 root:root\n755 root:root\n700 root:root\n');
    const back = await ask({
      verb: 'rollback',
      id: 'backup-one',
      files: [
        { path: daemon, expect: sha('{"debug":true}') },
        { path: `${folder}/ca.crt`, expect: sha('CA') },
        { path: `${folder}/client.key`, expect: sha('KEY') },
      ],
    });
    expect(back.ok).toBe(true);
    expect(await picture()).toBe(before);
    expect((await ask({ verb: 'forget', ids: ['backup-one'] })).ok).toBe(true);
    expect(await shell('ls -d /var/lib/mirrorfleet 2>&1 || true')).toContain('No such file');
  });

  test('writes through a link to a neighbour and keeps the link', async () => {
    await shell(`mv ${daemon} /etc/docker/real.json; ln -s real.json ${daemon}`);
    expect((await apply('link', file(daemon, sha('{}'), '{"debug":true}'))).ok).toBe(true);
    expect(await shell(`readlink ${daemon}; cat /etc/docker/real.json`)).toBe('real.json\n{"debug":true}');
  });

  test('writes in place where a single file is mounted', async () => {
    await shell(`cp ${daemon} /tmp/victim; mount --bind /tmp/victim ${daemon}`);
    try {
      expect((await apply('mount', file(daemon, sha('{}'), '{"debug":true}'))).ok).toBe(true);
      expect(await shell('cat /tmp/victim')).toBe('{"debug":true}');
    } finally {
      await shell(`umount ${daemon}`);
    }
  });

  test('does all of a plan or nothing', async () => {
    const before = await picture();
    await shell(`mkdir -p -m 755 ${folder}/client.key.d`);
    const blocked = '/etc/docker/certs.d/blocked:1';
    await shell(`rm -r /etc/docker/certs.d; mkdir -m 755 -p ${blocked}; mount -t tmpfs -o ro,mode=755 none ${blocked}`);
    try {
      const answer = await apply(
        'none',
        file(daemon, sha('{}'), '{"debug":true}'),
        file(`${folder}/ca.crt`, 'absent', 'CA'),
        file(`${blocked}/ca.crt`, 'absent', 'CA'),
      );
      expect(answer.problem?.code).toBe('privileged-write-failed');
    } finally {
      await shell(`umount ${blocked}; rmdir ${blocked} /etc/docker/certs.d`);
    }
    expect(await picture()).toBe(before);
    expect((await ask({ verb: 'status', paths: [daemon] }))['backups']).toEqual([]);
  });
});

test('a backup that was cut short stands in nobody’s way, and goes with the last one', async () => {
  await shell('mkdir -p -m 700 /var/lib/mirrorfleet/backups/docker-cut-short.new');
  expect((await apply('one', file(`${folder}/ca.crt`, 'absent', 'CA'))).ok).toBe(true);
  expect((await apply('two', file(`${folder}/ca.crt`, sha('CA'), null))).ok).toBe(true);
  expect((await ask({ verb: 'forget', ids: ['backup-one', 'backup-two'] })).ok).toBe(true);
  await shell('test ! -e /var/lib/mirrorfleet; test ! -e /etc/docker/certs.d');
});

test('what a helper that was killed left beside a file, or as an empty folder, is tidied away and nothing else', async () => {
  await apply('one', file(`${folder}/ca.crt`, 'absent', 'CA'));
  const whole = await shell('find /etc/docker | sort');
  const unfinished = [`/etc/docker/.daemon.json.${'0a'.repeat(9)}`, `${folder}/.ca.crt.${'0b'.repeat(9)}`];
  await shell(`touch ${unfinished.join(' ')} /etc/docker/.daemon.json.swp /etc/docker/mine; mkdir /etc/docker/empty`);
  await apply('two', file(daemon, sha('{}'), '{"debug":true}'));
  expect((await ask({ verb: 'tidy', ids: ['backup-one', 'backup-two'] })).ok).toBe(true);
  await shell('rm /etc/docker/.daemon.json.swp /etc/docker/mine; rmdir /etc/docker/empty');
  expect(await shell('find /etc/docker | sort')).toBe(whole);
  await shell(`rm ${folder}/ca.crt`);
  expect((await ask({ verb: 'tidy', ids: ['backup-one', 'backup-two'] })).ok).toBe(true);
  await shell('test ! -e /etc/docker/certs.d');
});

test('a backup that was half thrown away stands in nobody’s way', async () => {
  await apply('one', file(`${folder}/ca.crt`, 'absent', 'CA'));
  await shell('cd /var/lib/mirrorfleet/backups; mv backup-one backup-one.new; rm backup-one.new/backup.json');
  expect((await apply('two', file(`${folder}/ca.crt`, sha('CA'), null))).ok).toBe(true);
  expect((await ask({ verb: 'forget', ids: ['backup-one'] })).ok).toBe(true);
  expect(await shell('ls /var/lib/mirrorfleet/backups')).toBe('backup-two\n');
});

describe('the privileged helper under attack', () => {
  const foreign = [
    '/etc/passwd',
    '/etc/docker/../passwd',
    '/etc/docker/certs.d/../daemon.json',
    '/etc/docker/certs.d/../../x/ca.crt',
    '/etc/docker/certs.d/a/b/ca.crt',
    '/etc/docker/certs.d/a..b/ca.crt',
    '/etc/docker/certs.d/.hidden/ca.crt',
    '/etc/docker/certs.d/a/ca.crt\n',
    '/etc/docker/certs.d/a/run.sh',
    '/etc/docker/daemon.json.bak',
    '/etc/containerd/config.toml.new',
    '/etc/containerd/certs.d/docker.io/../../config.toml',
    '/etc/containerd/certs.d/docker.io/start.sh',
    '/home/dev/.config/containers/registries.conf',
    'etc/docker/daemon.json',
  ];
  test.each(foreign)('refuses the path %j', async (path) => {
    expect((await apply('path', file(path, 'absent', 'x'))).problem?.code).toBe('helper-request-refused');
  });

  const plans: readonly (readonly [string, unknown])[] = [
    ['not an object', []],
    ['an unknown verb', { verb: 'run', command: 'id' }],
    ['a verb of Object', { verb: 'constructor' }],
    ['a key too many', { verb: 'reload', runtime: 'docker', signal: 'KILL' }],
    ['another runtime', { verb: 'reload', runtime: 'sshd' }],
    ['a restart of something else', { verb: 'restart', runtime: 'docker' }],
    ['a pull of an option', { verb: 'cri-pull', image: '--all' }],
    ['a pull by tag', { verb: 'cri-pull', image: 'docker.io/library/busybox:latest' }],
    ['a set-uid mode', { verb: 'apply', id: 'backup-mode', files: [file(daemon, sha('{}'), 'x', 0o4755)] }],
    [
      'a path twice',
      { verb: 'apply', id: 'backup-twice', files: [file(daemon, sha('{}'), 'x'), file(daemon, sha('{}'), 'y')] },
    ],
    ['an id that climbs', { verb: 'apply', id: '../../../etc/x', files: [file(daemon, sha('{}'), 'x')] }],
    ['broken base64', { verb: 'apply', id: 'backup-base', files: [{ ...file(daemon, sha('{}'), 'x'), bytes: '%%%' }] }],
    ['forgetting what is elsewhere', { verb: 'forget', ids: ['../../../etc'] }],
    ['no files', { verb: 'apply', id: 'backup-none', files: [] }],
  ];
  test.each(plans)('refuses a plan with %s', async (_, plan) => {
    const before = await picture();
    expect((await ask(plan as object)).problem?.code).toBe('helper-request-refused');
    expect(await picture()).toBe(before);
  });

  test('refuses a file that changed since the preview', async () => {
    expect((await apply('old', file(daemon, sha('other'), 'x'))).problem?.code).toBe('file-changed-since-preview');
    expect((await apply('old', file(daemon, 'absent', 'x'))).problem?.code).toBe('file-changed-since-preview');
  });

  const traps: readonly (readonly [string, string])[] = [
    ['a link out of the folder', `rm ${daemon}; printf '{}' >/tmp/victim; ln -s /tmp/victim ${daemon}`],
    ['a link to nowhere', `rm ${daemon}; ln -s gone.json ${daemon}`],
    ['a link to itself', `rm ${daemon}; ln -s daemon.json ${daemon}`],
    [
      'a second name of another file',
      `rm ${daemon}; printf '{}' >/tmp/victim; ln /tmp/victim ${daemon} || { printf '{}' >/etc/docker/other; ln /etc/docker/other ${daemon}; }`,
    ],
    ['a pipe', `rm ${daemon}; mkfifo ${daemon}`],
    ['a directory', `rm ${daemon}; mkdir ${daemon}`],
    ['a folder of someone else', 'chown dev /etc/docker'],
    ['a folder others may write in', 'chmod 777 /etc/docker'],
    ['a folder that is a link', 'mv /etc/docker /tmp/victim; ln -s /tmp/victim /etc/docker'],
  ];
  test.each(traps)('refuses %s', async (_, trap) => {
    await shell(trap);
    const answer = await apply('trap', file(daemon, sha('{}'), '{"debug":true}'));
    expect(answer.problem?.code).toBe('path-not-safe');
    await shell('! grep -rq debug /tmp/victim');
  });

  test('refuses a backup folder that someone else planted', async () => {
    await shell('mkdir -p /tmp/victim; ln -s /tmp/victim /var/lib/mirrorfleet');
    expect((await apply('planted', file(daemon, sha('{}'), 'x'))).problem?.code).toBe('path-not-safe');
  });

  test('ends at a line that is too long, and answers one that is no JSON', async () => {
    const [huge] = await raw(`{"verb":"apply","x":"${'x'.repeat(5 * 1024 * 1024)}"}\n`);
    expect(huge?.problem?.code).toBe('helper-request-refused');
    const [nonsense] = await raw('rm -rf /\n');
    expect(nonsense?.ok).toBe(false);
    expect(JSON.stringify(nonsense)).not.toContain('rf');
    expect(await shell(`cat ${daemon}`)).toBe('{}');
  });

  test('says nothing about a password that reaches it by mistake', async () => {
    const done = await laptop.exec([lab.state.node, helper], { input: 'secret-word\n{"verb":"hello"}\n' });
    expect(done.stdout).not.toContain('secret-word');
  });
});
