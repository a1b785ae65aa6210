import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { commandLine } from '../../main/runtimes/elevation.ts';
import { attachLab } from '../lab/lab.ts';
import { amount } from '../endurance/length.ts';
import { HelperDialog, helperProgram, planned } from './helper-dialog.ts';

/** Somebody who works as the laptop's own user, without the password, against the helper that runs as root beside him. */
const lab = await attachLab();
const laptop = await lab.machine('laptop');
const daemon = '/etc/docker/daemon.json';
const certificates = '/etc/docker/certs.d';
const direct = [lab.state.node, helperProgram];
const bySudo = commandLine('sudo-password', { node: lab.state.node, helper: helperProgram });
const password = `${laptop.password ?? ''}\n`;

const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script]);
const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** Runs a Python program as the user until it is stopped, and gives what it printed in the end. */
function attack(program: string): { readonly began: Promise<void>; stop(): Promise<string> } {
  const child: ChildProcess = laptop.spawn(['python3', '-u', '-c', program], { user: 'dev' });
  let said = '';
  const { promise: began, resolve: begin } = Promise.withResolvers<undefined>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said += part.toString();
      begin(undefined);
    });
  const ended = new Promise<string>((done) => child.once('close', () => done(said)));
  const stop = (): Promise<string> => {
    child.stdin?.end();
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  return { began, stop };
}

/** The frame of an attack: `step()` again and again until the input ends; then the number of rounds. */
const forever = (step: string): string => `
import os, select, sys
def step():
${step.replaceAll(/^/gm, '    ')}
print('began')
rounds = 0
while not (rounds % 64 == 0 and select.select([sys.stdin], [], [], 0)[0]):
    try: step()
    except OSError: pass
    rounds += 1
print('rounds', rounds)
`;
const roundsOf = (said: string): number => Number(/rounds (\d+)/.exec(said)?.[1] ?? 0);

beforeEach(() =>
  shell(
    `rm -rf /etc/docker /var/lib/mirrorfleet /home/dev/den /root/den; mkdir -m 755 /etc/docker; printf '{}' >${daemon}; printf root >/root/canary; printf dev >/home/dev/canary; mkdir -p /root/den; install -d -o dev -g dev /home/dev/den`,
  ),
);
afterAll(() =>
  shell(
    'rm -rf /etc/docker /var/lib/mirrorfleet /home/dev/den /root/den /root/canary /home/dev/canary /home/dev/evil*; mkdir -m 755 /etc/docker',
  ),
);

describe('folders that are swapped while plans are written', () => {
  const authority = '203.0.113.11';
  const key = `${certificates}/${authority}/client.key`;
  /** Whose folder /etc/docker is, what the attacker does with it, and whether any plan may be written at all. */
  const races: readonly (readonly [what: string, lay: string, step: string, refused: boolean])[] = [
    [
      'a folder with the sticky bit, where a free name is taken as a link',
      'chmod 1777 /etc/docker',
      `os.symlink('/root/den', '${certificates}')\nos.unlink('${certificates}')`,
      true,
    ],
    [
      'a folder of the attacker',
      'chown -R dev /etc/docker',
      `os.rename('/etc/docker/certs.d', '/home/dev/den/kept') if os.path.isdir('/etc/docker/certs.d') else None\nos.symlink('/root/den', '/etc/docker/certs.d')\nos.unlink('/etc/docker/certs.d')`,
      true,
    ],
    [
      'a folder of the group docker',
      'chgrp docker /etc/docker; chmod 775 /etc/docker',
      `os.symlink('/etc/shadow', '/etc/docker/.link')\nos.rename('/etc/docker/.link', '${daemon}')\nos.unlink('${daemon}')`,
      true,
    ],
    [
      'a folder of the attacker below',
      `mkdir -p ${certificates}; chown dev ${certificates}`,
      `os.symlink('/root/den', '${certificates}/${authority}')\nos.unlink('${certificates}/${authority}')\nos.mkdir('${certificates}/${authority}')\nos.rmdir('${certificates}/${authority}')`,
      true,
    ],
    [
      "root's own folder, where he can do nothing",
      'true',
      `open('/etc/docker/.x', 'w')\nos.symlink('/root/den', '${certificates}')`,
      false,
    ],
  ];
  test.each(races)('%s: nothing is written elsewhere', async (_, lay, step, refused) => {
    await shell(lay);
    const elsewhere = await shell(
      'sha256sum /etc/shadow /etc/passwd /etc/sudoers /root/canary; find /root/den -printf "%p %y %m\\n"',
    );
    const attacker = attack(
      forever(
        step
          .split('\n')
          .map((line) => `try: ${line}\nexcept OSError: pass`)
          .join('\n'),
      ),
    );
    await attacker.began;
    const helper = await HelperDialog.start(laptop, direct);
    const codes = new Map<string, number>();
    for (let at = 0; at < amount(150, 3000); at += 1) {
      const id = `backup-race-${at}`;
      const answer = await helper.ask({ verb: 'apply', id, files: [planned(key, 'absent', 'KEY', 0o600)] });
      const code = answer.problem?.code ?? 'written';
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (!answer.ok) continue;
      await helper.ask({ verb: 'rollback', id, files: [{ path: key, expect: sha('KEY') }] });
      await helper.ask({ verb: 'forget', ids: [id] });
    }
    await helper.close();
    const rounds = roundsOf(await attacker.stop());
    console.log(`${rounds} swaps against ${amount(150, 3000)} plans: ${JSON.stringify(Object.fromEntries(codes))}`);
    expect(rounds).toBeGreaterThan(1000);
    expect(
      await shell('sha256sum /etc/shadow /etc/passwd /etc/sudoers /root/canary; find /root/den -printf "%p %y %m\\n"'),
    ).toBe(elsewhere);
    expect([...codes.keys()]).toEqual([refused ? 'path-not-safe' : 'written']);
  });

  test('a file that its owner rewrites all the time is refused, or was what it had to be; nothing else of its plan stays', async () => {
    await shell(`chown dev ${daemon}`);
    const attacker = attack(
      forever(`f = os.open('${daemon}', os.O_WRONLY | os.O_TRUNC)\nos.write(f, b'{}')\nos.close(f)`),
    );
    await attacker.began;
    const helper = await HelperDialog.start(laptop, direct);
    const codes = new Map<string, number>();
    for (let at = 0; at < amount(60, 1000); at += 1) {
      const id = `backup-edit-${at}`;
      const files = [planned(key, 'absent', 'KEY', 0o600), planned(daemon, sha('{}'), '{"debug":true}')];
      const answer = await helper.ask({ verb: 'apply', id, files });
      codes.set(answer.problem?.code ?? 'written', (codes.get(answer.problem?.code ?? 'written') ?? 0) + 1);
      if (answer.ok) expect(await shell(`cat /var/lib/mirrorfleet/backups/${id}/1; rm ${key}`)).toBe('{}');
      expect(await shell(`ls ${key} 2>&1 || true`)).toContain('No such file');
    }
    await helper.close();
    const rounds = roundsOf(await attacker.stop());
    console.log(`${rounds} edits against ${amount(60, 1000)} plans: ${JSON.stringify(Object.fromEntries(codes))}`);
    const known = ['written', 'file-changed-since-preview', 'privileged-write-failed', 'privileged-work-failed'];
    expect(known).toEqual(expect.arrayContaining([...codes.keys()]));
  });
});

test('a plan that was carried out is not carried out again', async () => {
  const plan = { verb: 'apply', id: 'backup-again', files: [planned(daemon, sha('{}'), '{"debug":true}')] };
  const back = { verb: 'rollback', id: 'backup-again', files: [{ path: daemon, expect: sha('{"debug":true}') }] };
  const helper = await HelperDialog.start(laptop, direct);
  expect((await helper.ask(plan)).ok).toBe(true);
  expect((await helper.ask(plan)).problem?.code).toBe('file-changed-since-preview');
  expect((await helper.ask(back)).ok).toBe(true);
  expect((await helper.ask(plan)).problem?.code).toBe('helper-request-refused');
  expect((await helper.ask(back)).problem?.code).toBe('file-changed-since-preview');
  expect((await helper.ask({ verb: 'forget', ids: ['backup-again'] })).ok).toBe(true);
  expect((await helper.ask(back)).problem?.code).toBe('backup-missing');
  await helper.close();
  expect(await shell(`cat ${daemon}`)).toBe('{}');
});

describe('what a user leaves around the helper that he becomes root for', () => {
  test('no variable, open file, folder or mask of his takes part', async () => {
    await shell(`
      cd /home/dev; printf 'require("fs").writeFileSync("/home/dev/den/loaded-" + process.getuid(), "")' >evil.cjs
      printf '#include <fcntl.h>\\n#include <stdio.h>\\n#include <unistd.h>\\n__attribute__((constructor)) static void in(void){char n[64];snprintf(n,64,"/home/dev/den/linked-%%d",getuid());close(open(n,O_CREAT,0644));}' >evil.c
      gcc -shared -fPIC -o evil.so evil.c
      mkdir -p evil-path; printf '#!/bin/sh\\ntouch /home/dev/den/path-$(id -u)\\n' >evil-path/cp; cp evil-path/cp evil-path/node; cp evil-path/cp evil-path/service; chmod 755 evil-path/*; chown -R dev evil* ; chmod 755 evil.so evil.cjs`);
    const script = `exec 7</home/dev/canary 8>>/home/dev/den/held; umask 000; cd /home/dev/den; exec "$@"`;
    const env = {
      LD_PRELOAD: '/home/dev/evil.so',
      NODE_OPTIONS: '--require=/home/dev/evil.cjs',
      NODE_PATH: '/home/dev/evil-path',
      NODE_COMPILE_CACHE: '/home/dev/den',
      PATH: '/home/dev/evil-path:/usr/bin:/bin',
      HOME: '/home/dev/den',
      TMPDIR: '/home/dev/den',
    };
    const helper = await HelperDialog.start(
      laptop,
      ['sh', '-c', script, 'start', ...bySudo],
      { user: 'dev', env },
      password,
    );
    const files = [planned(`${certificates}/a/ca.crt`, 'absent', 'CA'), planned(daemon, sha('{}'), '{"debug":true}')];
    expect((await helper.ask({ verb: 'apply', id: 'backup-around', files })).ok).toBe(true);
    const pid = (await shell(`pgrep -u root -xf '${bySudo.slice(6).join(' ')}'`)).trim();
    expect(
      await shell(
        `readlink /proc/${pid}/cwd; readlink /proc/${pid}/fd/* | grep -c /home/dev || true; tr '\\0' '\\n' </proc/${pid}/environ | grep -cE 'evil|den|NODE_|LD_' || true`,
      ),
    ).toBe('/\n0\n0\n');
    await helper.close();
    expect(
      await shell(`stat -c '%a %U' ${certificates} ${certificates}/a/ca.crt ${daemon} /var/lib/mirrorfleet/backups`),
    ).toBe('755 root\n644 root\n644 root\n700 root\n');
    // His own processes load what he says; none of root's does.
    expect(await shell('find /home/dev/den -user root; find /home/dev/den -name "*-0"')).toBe('');
    expect(await shell('ls /home/dev/den')).toContain('linked-');
  });

  test('closed streams do not make an answer part of a file', async () => {
    const plan = { verb: 'apply', id: 'backup-closed', files: [planned(`${certificates}/a/ca.crt`, 'absent', 'CA')] };
    await laptop.exec(['sh', '-c', 'exec "$@" 1>&- 2>&-', 'start', ...direct], {
      input: `{"verb":"hello"}\n${JSON.stringify(plan)}\n`,
    });
    expect(
      await shell(
        `cat ${certificates}/a/ca.crt; cat /var/lib/mirrorfleet/backups/backup-closed/backup.json | tail -c 1`,
      ),
    ).toBe('CA}');
  });

  // Not SIGALRM, by which sudo ends what it runs, with SIGKILL in the end: see helper-killed.test.ts for what is left then.
  const hit = `
import os, signal, socket, subprocess
for pid in map(int, subprocess.run(['pgrep', '-x', 'sudo'], capture_output=True, text=True).stdout.split()):
    for s in SIGNALS:
        try: os.kill(pid, s)
        except OSError: pass
try:
    socket.create_connection(('127.0.0.1', 9229), 0.2).close()
    print('a debugger answers')
except OSError: pass`;
  const hitting = (...signals: string[]): string =>
    forever(hit.trim().replace('SIGNALS', `[${signals.map((each) => `signal.SIG${each}`).join(', ')}]`));

  test('what he sends to sudo, which hands it on, ends no plan half-way and opens no debugger', async () => {
    const helper = await HelperDialog.start(laptop, bySudo, { user: 'dev' }, password);
    const attacker = attack(hitting('USR1', 'USR2', 'HUP', 'INT', 'QUIT', 'TERM'));
    await attacker.began;
    for (let at = 0; at < amount(20, 300); at += 1) {
      const id = `backup-signal-${at}`;
      const files = ['a', 'b', 'c', 'd', 'e'].map((name) => `${certificates}/${name}/ca.crt`);
      const plan = { verb: 'apply', id, files: files.map((path) => planned(path, 'absent', 'CA')) };
      expect(await helper.ask(plan)).toMatchObject({ ok: true });
      const back = files.map((path) => ({ path, expect: sha('CA') }));
      expect(await helper.ask({ verb: 'rollback', id, files: back })).toMatchObject({ ok: true });
    }
    const said = await attacker.stop();
    await helper.close();
    console.log(`${roundsOf(said)} rounds of six signals`);
    expect(roundsOf(said)).toBeGreaterThan(20);
    expect(said).not.toContain('debugger');
  });

  test('nor does what he sends while it starts', async () => {
    const attacker = attack(hitting('USR1'));
    await attacker.began;
    let greeted = 0;
    for (let at = 0; at < amount(4, 60); at += 1) {
      // One that is hit before it listens for signals dies, and then nothing was begun.
      const helper = await HelperDialog.start(laptop, bySudo, { user: 'dev' }, password).catch(() => undefined);
      if (helper === undefined) continue;
      greeted += 1;
      await helper.close();
    }
    const said = await attacker.stop();
    console.log(`${roundsOf(said)} rounds against ${amount(4, 60)} starts, of which ${greeted} greeted`);
    expect(said).not.toContain('debugger');
  });

  test('he can neither signal it himself, nor trace it, nor read its memory, nor run it under his own eyes as root', async () => {
    const helper = await HelperDialog.start(laptop, bySudo, { user: 'dev' }, password);
    const pids = (await shell(`pgrep -u root -xf '${bySudo.slice(6).join(' ')}'`)).trim().split('\n').map(Number);
    expect(pids.length).toBeGreaterThan(0);
    const program = `
import ctypes, errno, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
refused = []
for pid in map(int, sys.argv[1:]):
    for s in (signal.SIGUSR1, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        try: os.kill(pid, s); print('signalled', pid, s)
        except PermissionError: refused.append(s)
    for request in (16, 0x4206):
        print('traced', pid) if libc.ptrace(request, pid, 0, 0) == 0 else refused.append(request)
    for name in ('mem', 'environ', 'fd', 'cwd'):
        try: (os.listdir if name == 'fd' else os.readlink if name == 'cwd' else open)(f'/proc/{pid}/{name}'); print('read', pid, name)
        except PermissionError: refused.append(name)
print(len(refused))
`;
    expect(await laptop.mustExec(['python3', '-c', program, ...pids.map(String)], { user: 'dev' })).toBe(
      `${pids.length * 10}\n`,
    );
    expect((await helper.ask({ verb: 'status', paths: [daemon] })).ok).toBe(true);
    await helper.close();
    const traced = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
pid = os.fork()
if pid == 0:
    libc.ptrace(0, 0, 0, 0)
    os.execvp('sudo', sys.argv[1:])
while True:
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) or os.WIFSIGNALED(status): break
    libc.ptrace(7, pid, 0, 0)
print('ended', os.WEXITSTATUS(status))
`;
    const own = await laptop.exec(['python3', '-c', traced, ...bySudo], {
      user: 'dev',
      input: `${password}{"verb":"hello"}\n`,
    });
    expect(own.stdout).toBe('ended 1\n');
    expect(own.stderr).toContain('effective uid is not 0');
  });
});
