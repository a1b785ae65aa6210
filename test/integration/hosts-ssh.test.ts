import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../main/hosts/host.ts';
import { openHttp } from '../../main/hosts/http-over-host.ts';
import { localHost } from '../../main/hosts/local-host.ts';
import { type HostSecrets, connectSsh, lookAtHostKey } from '../../main/hosts/ssh-host.ts';
import { createLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import type { SshTarget } from '../../preload/contract/node.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import { hostSuite } from '../suites/host-suite.ts';
import { type TestSshd, startRelay, startSshd } from './hosts-sshd.ts';

const lines: string[] = [];
const log = createLog('hosts', (line) => lines.push(line));
const open: Host[] = [];

async function login(
  sshd: TestSshd,
  target: Partial<SshTarget> = {},
  secrets: HostSecrets = {},
  more: { pinned?: string[]; keepaliveMs?: number; env?: NodeJS.ProcessEnv; configFile?: string } = {},
) {
  const host = await connectSsh({
    name: 'tokyo',
    target: { destination: 'root@127.0.0.1', port: sshd.port, identityFile: sshd.key, ...target },
    secrets,
    hostKeys: { pinned: () => more.pinned ?? [] },
    log,
    settings: { configFile: more.configFile ?? sshd.config, ...(more.env ? { env: more.env } : {}) },
    ...(more.keepaliveMs === undefined ? {} : { keepaliveMs: more.keepaliveMs }),
  });
  open.push(host);
  return host;
}

async function problemFrom(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('no problem');
}
const codeFrom = async (promise: Promise<unknown>) => (await problemFrom(promise)).code;

hostSuite(
  'a machine reached by SSH',
  async () => {
    const sshd = await startSshd();
    const host = await login(sshd);
    return {
      host,
      folder: sshd.folder,
      smallDisk: sshd.smallDisk,
      stop: async () => (await host.close(), sshd.stop()),
    };
  },
  { smallDisk: true },
);

hostSuite(
  'this computer, with a small disk',
  async () => {
    const sshd = await startSshd();
    const { seen } = sshd.smallDisk;
    return { host: localHost(), folder: sshd.folder, smallDisk: { path: seen, seen }, stop: () => sshd.stop() };
  },
  { smallDisk: true },
);

describe('SSH', () => {
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    await Promise.all(open.map((host) => host.close()));
    await sshd.stop();
  });

  describe('the host key', () => {
    it('is looked at without logging in', async () => {
      const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host.pub')], {
        encoding: 'utf8',
      }).split(' ')[1];
      const look = () =>
        lookAtHostKey(
          { destination: `nobody@127.0.0.1:${sshd.port}` },
          { secrets: {}, hostKeys: { pinned: () => [] }, log, settings: { configFile: sshd.config } },
        );
      expect(await look()).toEqual({ host: `[127.0.0.1]:${sshd.port}`, type: 'ssh-ed25519', fingerprint, known: true });
      sshd.trust('');
      expect(await look()).toMatchObject({ fingerprint, known: false });
      sshd.trust();
    });

    it('is refused while unknown, and taken once pinned or listed in any form ssh-keygen writes', async () => {
      sshd.trust('');
      const problem = await problemFrom(login(sshd));
      expect(problem).toMatchObject({
        code: 'host-key-unknown',
        detail: { host: `[127.0.0.1]:${sshd.port}`, type: 'ssh-ed25519' },
      });
      await login(sshd, {}, {}, { pinned: [problem.detail?.['fingerprint'] ?? ''] });
      sshd.trust();
      execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
      expect(readFileSync(sshd.knownHosts, 'utf8')).toMatch(/^\|1\|/);
      await login(sshd);
      sshd.trust();
    });

    it('is refused when it changed, with both fingerprints, before anything is sent', async () => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'other')]);
      const other = readFileSync(join(sshd.folder, 'other.pub'), 'utf8').trim();
      const otherPrint = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'other.pub')], {
        encoding: 'utf8',
      }).split(' ')[1];
      sshd.trust(`[127.0.0.1]:${sshd.port} ${other}`);
      const problem = await problemFrom(login(sshd, {}, { password: new Secret('never-sent') }));
      expect(problem.code).toBe('host-key-changed');
      expect(problem.detail?.['known']).toContain(otherPrint);
      expect(problem.detail?.['fingerprint']).toMatch(/^SHA256:/);
      sshd.trust('');
      expect(await codeFrom(login(sshd, {}, {}, { pinned: [otherPrint ?? ''] }))).toBe('host-key-changed');
      sshd.trust(`@revoked * ${sshd.hostKey}`);
      expect(await codeFrom(login(sshd))).toBe('host-key-revoked');
      sshd.trust(`@cert-authority * ${sshd.hostKey}`);
      expect(await codeFrom(login(sshd))).toBe('host-key-unknown');
      sshd.trust();
    });
  });

  describe('the login', () => {
    it('opens a locked key by its passphrase and tells a missing from a wrong one', async () => {
      const locked = { identityFile: sshd.lockedKey };
      expect(await codeFrom(login(sshd, locked))).toBe('ssh-passphrase-needed');
      expect(await codeFrom(login(sshd, locked, { passphrase: new Secret('wrong') }))).toBe('ssh-passphrase-wrong');
      const host = await login(sshd, locked, { passphrase: new Secret('open sesame') });
      expect((await host.run({ argv: ['id', '-un'] })).stdout).toBe('root\n');
    });

    it('uses a password, and says when one is needed or wrong', async () => {
      const low = { destination: 'low@127.0.0.1' };
      expect(await codeFrom(login(sshd, low))).toBe('ssh-password-needed');
      expect(await codeFrom(login(sshd, low, { password: new Secret('wrong') }))).toBe('ssh-password-wrong');
      const host = await login(sshd, low, { password: new Secret('low-pw') });
      expect((await host.run({ argv: ['id', '-un'] })).stdout).toBe('low\n');
    });

    it('answers keyboard-interactive where a server takes no plain password', async () => {
      const strict = await startSshd(['PasswordAuthentication no', 'KbdInteractiveAuthentication yes']);
      const host = await login(strict, { destination: 'low@127.0.0.1' }, { password: new Secret('low-pw') });
      expect((await host.run({ argv: ['id', '-un'] })).stdout).toBe('low\n');
      await host.close();
      await strict.stop();
    });

    it('uses the agent, also for just the key that IdentitiesOnly names', async () => {
      const socket = join(sshd.folder, 'agent.sock');
      const pid =
        /AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' }))?.[1] ?? '';
      try {
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        // Seven keys before the right one: a server hangs up after six.
        for (let at = 0; at < 7; at++) {
          execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, `many${at}`)]);
          execFileSync('ssh-add', ['-q', join(sshd.folder, `many${at}`)], { env, stdio: 'ignore' });
        }
        execFileSync('ssh-add', ['-q', sshd.key], { env, stdio: 'ignore' });
        const named = join(sshd.folder, 'named');
        writeFileSync(`${named}.pub`, readFileSync(`${sshd.key}.pub`));
        const config = join(sshd.folder, 'agent_config');
        writeFileSync(
          config,
          `Host tokyo\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User root\n  UserKnownHostsFile ${sshd.knownHosts}\n  IdentityFile ${named}\n  IdentityAgent ${socket}\nHost tokyo\n  IdentitiesOnly yes\n`,
        );
        const host = await connectSsh({
          name: 'tokyo',
          target: { destination: 'tokyo' },
          secrets: {},
          hostKeys: { pinned: () => [] },
          log,
          settings: { configFile: config },
        });
        open.push(host);
        expect((await host.run({ argv: ['id', '-un'] })).stdout).toBe('root\n');
      } finally {
        process.kill(Number(pid));
      }
    });

    it('names a key file that is missing', async () => {
      expect(await codeFrom(login(sshd, { identityFile: join(sshd.folder, 'nothing') }))).toBe('ssh-key-unreadable');
    });

    it('goes through jump hosts, each with its own host key check', async () => {
      const inner = await startSshd();
      appendFileSync(sshd.knownHosts, readFileSync(inner.knownHosts));
      const keys = readFileSync(join(sshd.folder, 'id.pub'), 'utf8');
      writeFileSync(join(inner.folder, 'keys/root'), keys);
      const through = { port: inner.port, jump: `free@127.0.0.1:${sshd.port},low@127.0.0.1:${sshd.port}` };
      expect(await codeFrom(login(sshd, through))).toBe('ssh-password-needed');
      const host = await login(sshd, { ...through, jump: `free@127.0.0.1:${sshd.port},pat@127.0.0.1:${sshd.port}` });
      expect((await host.run({ argv: ['sh', '-c', 'echo $SSH_CONNECTION'] })).stdout).toContain(` ${inner.port}`);
      expect(await codeFrom(login(sshd, { port: 1, jump: `free@127.0.0.1:${sshd.port}` }))).toBe('host-unreachable');
      await host.close();
      const look = await lookAtHostKey(
        {
          destination: 'root@127.0.0.1',
          port: inner.port,
          identityFile: sshd.key,
          jump: `free@127.0.0.1:${sshd.port}`,
        },
        { secrets: {}, hostKeys: { pinned: () => [] }, log, settings: { configFile: sshd.config } },
      );
      expect(look).toMatchObject({ host: `[127.0.0.1]:${inner.port}`, known: true });
      sshd.trust();
      await inner.stop();
    });

    it('says in words why a machine cannot be reached', async () => {
      const refused = await problemFrom(login(sshd, { port: 1 }));
      expect([refused.code, refused.message]).toEqual([
        'host-unreachable',
        expect.stringContaining('refused the connection'),
      ]);
      const nameless = await problemFrom(login(sshd, { destination: 'no-such.invalid' }));
      expect([nameless.code, nameless.message]).toEqual([
        'host-unreachable',
        expect.stringContaining('does not exist'),
      ]);
      expect(await codeFrom(login(sshd, { destination: '-oProxyCommand=touch /tmp/x' }))).toBe('destination-invalid');
    });
  });

  describe('becoming root', () => {
    const pat = { destination: 'pat@127.0.0.1' };
    const whoami = { argv: ['sh', '-c', 'id -un; cat'], elevated: true, input: 'data\n' };

    it('needs nothing for root and for a sudo that asks nothing', async () => {
      const root = await login(sshd);
      expect((await root.run(whoami)).stdout).toBe('root\ndata\n');
      expect(root.roundTrips).toBe(1);
      const free = await login(sshd, { destination: 'free@127.0.0.1' });
      expect((await free.run(whoami)).stdout).toBe('root\ndata\n');
      expect((await free.run(whoami)).stdout).toBe('root\ndata\n');
      expect(free.roundTrips).toBe(3);
    });

    it('gives the password to sudo only, and the command gets its own input', async () => {
      const host = await login(sshd, pat, { sudoPassword: new Secret('pat-pw') });
      expect(await host.run(whoami)).toEqual({ code: 0, stdout: 'root\ndata\n', stderr: '' });
      const { stdout } = await host.run({
        argv: ['sh', '-c', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; cat'],
        elevated: true,
      });
      expect(stdout.split('\n').filter((line) => line.includes('pat-pw'))).toEqual([]);
      expect(stdout).toContain('PATH=');
      expect((await host.run({ ...whoami, argv: ['sh', '-c', 'exit 9'] })).code).toBe(9);
      expect(await codeFrom(host.run({ argv: ['sleep', '1717171'], elevated: true, timeoutMs: 300 }))).toBe(
        'command-timeout',
      );
      expect((await host.run({ argv: ['pgrep', '-xf', 'sleep 1717171'] })).stdout).toBe('');
    });

    it('never lets the password reach a command that sudo runs without asking', async () => {
      const host = await login(sshd, pat, { sudoPassword: new Secret('pat-pw') });
      expect((await host.run(whoami)).stdout).toBe('root\ndata\n');
      const root = await login(sshd);
      await root.run({ argv: ['sh', '-c', 'echo "pat ALL=(ALL) NOPASSWD: ALL" >>/etc/sudoers'] });
      expect((await host.run(whoami)).stdout).toBe('root\ndata\n');
      await root.run({ argv: ['sed', '-i', '$d', '/etc/sudoers'] });
    });

    it('says when the password is missing or wrong, and when sudo is not for this user', async () => {
      expect(await codeFrom((await login(sshd, pat)).run(whoami))).toBe('sudo-password-needed');
      expect(await codeFrom((await login(sshd, pat, { sudoPassword: new Secret('wrong') })).run(whoami))).toBe(
        'sudo-password-wrong',
      );
      const low = await login(
        sshd,
        { destination: 'low@127.0.0.1' },
        { password: new Secret('low-pw'), sudoPassword: new Secret('low-pw') },
      );
      expect(await codeFrom(low.run(whoami))).toBe('sudo-refused');
    });

    it('reads and replaces files that only root may', async () => {
      const host = await login(sshd, pat, { sudoPassword: new Secret('pat-pw') });
      const folder = join(sshd.folder, 'roots');
      mkdirSync(folder);
      chmodSync(folder, 0o700);
      const path = join(folder, 'file');
      expect(await codeFrom(host.readFile(path))).toBe('permission-denied');
      expect(await codeFrom(host.replaceFile(path, Buffer.from('x'), { mode: 0o600 }))).toBe('permission-denied');
      await host.replaceFile(path, Buffer.from('x'), { mode: 0o600, elevated: true, expect: 'absent' });
      expect(statSync(path).uid).toBe(0);
      expect((await host.readFile(path, { elevated: true }))?.bytes.toString()).toBe('x');
      await host.removeFile(path, { elevated: true });
      expect(await host.readFile(path, { elevated: true })).toBeUndefined();
      rmSync(folder, { recursive: true });
    });
  });

  it('drops what a talkative shell prints at login', async () => {
    const host = await login(sshd, { destination: 'noisy@127.0.0.1' });
    expect(await host.run({ argv: ['echo', 'mine'] })).toEqual({ code: 0, stdout: 'mine\n', stderr: '' });
  });

  it('tells every waiting call that the connection was lost, and connects anew at the next', async () => {
    const relay = await startRelay(sshd.port);
    const config = join(sshd.folder, 'relay_config');
    writeFileSync(config, `Host *\n  HostKeyAlias [127.0.0.1]:${sshd.port}\n  UserKnownHostsFile ${sshd.knownHosts}\n`);
    const host = await login(sshd, { port: relay.port }, {}, { configFile: config, keepaliveMs: 200 });
    const sleeping = { argv: ['sh', '-c', 'echo on; sleep 30'] };
    for (const fault of [() => relay.cut(), () => relay.stall()]) {
      const started = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
      const running = started.map(({ resolve }) => codeFrom(host.run({ ...sleeping, onOutput: () => resolve() })));
      await Promise.all(started.map((each) => each.promise));
      const upload = codeFrom(
        host.replaceFile(join(sshd.folder, 'cut'), Buffer.alloc(60_000_000), { mode: 0o644, expect: 'absent' }),
      );
      fault();
      expect(await Promise.all([...running, upload])).toEqual(Array(4).fill('connection-lost'));
      expect((await host.run({ argv: ['echo', 'again'] })).stdout).toBe('again\n');
    }
    expect(await host.readFile(join(sshd.folder, 'cut'))).toBeUndefined();
    await host.close();
    relay.stop();
    await expect.poll(() => readdirSync(sshd.folder).filter((name) => name.startsWith('.mirrorfleet'))).toEqual([]);
  });

  it('reaches a page that only the machine itself can', async () => {
    const server = createServer((request, response) => response.end(`you asked ${request.url}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const host = await login(sshd);
    expect(await openHttp(host, port, '/stats?x=1')).toEqual({ status: 200, body: 'you asked /stats?x=1' });
    server.close();
    expect(await codeFrom(openHttp(host, 1, '/'))).toBe('port-forward-refused');
  });

  it('wrote no secret into its log', () => {
    const text = lines.join('\n');
    expect(text).toContain('login attempt');
    for (const secret of ['pat-pw', 'low-pw', 'open sesame', 'never-sent']) expect(text).not.toContain(secret);
  });
});
