import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * A real sshd on the loopback with users of its own: it lives in a mount namespace with private copies of /etc, /run and /home, so
 * nothing of this machine changes and everything is gone when it ends. Users: root (key), free (sudo asks nothing), pat (sudo asks for
 * `pat-pw`, which is also the login password), low (password `low-pw`, no sudo), noisy (prints at login).
 */

const setUp = `set -e
F=$1
mkdir -p "$F/ns/etc" "$F/ns/run/sshd" "$F/ns/home" "$F/ns/small"
cp -a /etc/. "$F/ns/etc/"
mount -t tmpfs -o size=256k,mode=777 tmpfs "$F/ns/small"
mount --bind "$F/ns/etc" /etc
mount --bind "$F/ns/home" /home
mount --bind "$F/ns/run" /run
for u in free pat low noisy; do useradd -m -d /home/$u -s /bin/bash $u; done
chpasswd <"$F/passwords"
usermod -p '*' free; usermod -p '*' noisy
rm -rf /etc/sudoers.d/*
printf 'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"\\nroot ALL=(ALL) ALL\\nfree ALL=(ALL) NOPASSWD: ALL\\npat ALL=(ALL) ALL\\n' >/etc/sudoers
printf 'echo "Welcome, this shell talks"\\necho "and complains" >&2\\n' >/home/noisy/.bashrc
rm -f /etc/nologin
exec /usr/sbin/sshd -D -e -f "$F/sshd_config"`;

export interface TestSshd {
  readonly folder: string;
  readonly port: number;
  /** Key file without a passphrase that every user but low accepts. */
  readonly key: string;
  /** The same for a key locked by the passphrase `open sesame`. */
  readonly lockedKey: string;
  /** A folder on a 256 KB file system: as the server sees it, and as this process does. */
  readonly smallDisk: { readonly path: string; readonly seen: string };
  /** Contents of the server's public host key file. */
  readonly hostKey: string;
  /** A configuration file for `ssh` whose known_hosts is `knownHosts`. */
  readonly config: string;
  readonly knownHosts: string;
  trust(line?: string): void;
  stop(): Promise<void>;
}

export async function startSshd(settings: readonly string[] = []): Promise<TestSshd> {
  if (process.getuid?.() !== 0) throw new Error('These tests start a real sshd and need root');
  const folder = mkdtempSync(join(tmpdir(), 'hosts-sshd-'));
  chmodSync(folder, 0o755);
  const keygen = (file: string, ...args: string[]) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', join(folder, file), ...args]);
  keygen('host', '-N', '');
  keygen('id', '-N', '');
  keygen('locked', '-N', 'open sesame');
  mkdirSync(join(folder, 'keys'));
  const keys = `${readFileSync(join(folder, 'id.pub'), 'utf8')}${readFileSync(join(folder, 'locked.pub'), 'utf8')}`;
  for (const user of ['root', 'free', 'pat', 'noisy']) writeFileSync(join(folder, 'keys', user), keys);
  const port = await freePort();
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/keys/%u`,
      'StrictModes no',
      'UsePAM yes',
      'PermitRootLogin prohibit-password',
      'MaxStartups 100:30:200',
      `PidFile ${folder}/sshd.pid`,
      ...settings,
      '',
    ].join('\n'),
  );
  // Not in the script: its text is in the arguments of a process, where tests look for passwords that leaked.
  writeFileSync(join(folder, 'passwords'), 'pat:pat-pw\nlow:low-pw\n', { mode: 0o600 });
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', '--fork', '--kill-child', 'sh', '-c', setUp, 'sh', folder],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(
    () => answers(port),
    child,
    () => said,
  );
  const knownHosts = join(folder, 'known_hosts');
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim();
  const config = join(folder, 'ssh_config');
  writeFileSync(
    config,
    `Host *\n  UserKnownHostsFile ${knownHosts}\n  GlobalKnownHostsFile /dev/null\n  IdentityAgent none\n  IdentityFile ${folder}/nothing\n`,
  );
  const trust = (line = `[127.0.0.1]:${port} ${hostKey}`) => writeFileSync(knownHosts, `${line}\n`);
  trust();
  return {
    folder,
    port,
    key: join(folder, 'id'),
    lockedKey: join(folder, 'locked'),
    smallDisk: { path: join(folder, 'ns/small'), seen: `/proc/${inside(child)}/root${folder}/ns/small` },
    hostKey,
    config,
    knownHosts,
    trust,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** A TCP relay to a port that a test can cut or stall, as a network would. */
export async function startRelay(port: number): Promise<{ port: number; cut(): void; stall(): void; stop(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => {}));
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    stall: () => sockets.forEach((socket) => socket.unpipe().pause()),
    stop: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The process id of sshd, the only child of the `unshare` that made its namespace. */
function inside(child: ChildProcess): string {
  return readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });
}

async function until(ready: () => Promise<boolean>, child: ChildProcess, said: () => string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await ready())) {
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`sshd did not start: ${said()}`);
    }
    await pause(20);
  }
}
