import { afterAll, describe, expect, it } from 'vitest';
import type { Host } from '../../main/hosts/host.ts';
import { type HostSecrets, connectSsh, lookAtHostKey } from '../../main/hosts/ssh-host.ts';
import { silentLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import { ProblemError, problemOf } from '../../preload/contract/problem.ts';
import { attachLab } from '../lab/lab.ts';

const lab = await attachLab();
const machines = [
  { name: 'alpha', destination: 'root@203.0.113.11', secrets: {}, trips: 4 },
  { name: 'beta', destination: 'ops@203.0.113.12', secrets: {}, trips: 5 },
  { name: 'gamma', destination: 'pat@203.0.113.13', secrets: { sudoPassword: new Secret('pat-sudo-pw') }, trips: 5 },
] as const;
const open: Host[] = [];

async function reach(
  destination: string,
  secrets: HostSecrets,
  identityFile: string | undefined,
  more: { jump?: string; keepaliveMs?: number } = {},
) {
  const target = { destination, ...(identityFile ? { identityFile } : {}), ...(more.jump ? { jump: more.jump } : {}) };
  const pins = new Map<string, string[]>();
  const hostKeys = { pinned: (host: string) => pins.get(host) ?? [] };
  for (let key = await lookAtHostKey(target, { secrets, hostKeys, log: silentLog }); !key.known; ) {
    pins.set(key.host, [key.fingerprint]);
    key = await lookAtHostKey(target, { secrets, hostKeys, log: silentLog });
  }
  const host = await connectSsh({
    name: destination,
    target,
    secrets,
    hostKeys,
    log: silentLog,
    keepaliveMs: more.keepaliveMs ?? 5_000,
  });
  open.push(host);
  return host;
}

describe('a real machine', () => {
  afterAll(async () => {
    await Promise.all(open.map((host) => host.close()));
  });

  it.each(machines)(
    '$name: becomes root, keeps files, in one round trip each',
    async ({ name, destination, secrets, trips }) => {
      await lab.machine(name);
      const host = await reach(destination, secrets, lab.state.keyFile);
      expect((await host.run({ argv: ['id', '-u'], elevated: true })).stdout).toBe('0\n');
      const path = '/etc/mirrorfleet-test';
      await host.replaceFile(path, Buffer.from('x'), { mode: 0o600, elevated: true, expect: 'absent' });
      expect(await host.readFile(path, { elevated: true })).toMatchObject({ mode: 0o600, uid: 0, gid: 0 });
      await host.removeFile(path, { elevated: true });
      expect(host.roundTrips).toBe(trips);
    },
  );

  it('gamma: takes the password for the login and for sudo', async () => {
    await lab.machine('gamma');
    const password = new Secret('pat-sudo-pw');
    const host = await reach('pat@203.0.113.13', { password, sudoPassword: password }, undefined);
    expect((await host.run({ argv: ['id', '-un'], elevated: true })).stdout).toBe('root\n');
  });

  it('small is reached through alpha and beta, whose keys are each looked at first', async () => {
    await Promise.all(['alpha', 'beta', 'small'].map((name) => lab.machine(name as 'alpha')));
    const host = await reach('root@203.0.113.15', {}, lab.state.keyFile, {
      jump: 'root@203.0.113.11,ops@203.0.113.12',
    });
    expect((await host.run({ argv: ['sh', '-c', 'echo ${SSH_CONNECTION%% *}'] })).stdout).toBe('203.0.113.12\n');
  });

  it('a cable pulled out while a command runs is told, and put back it works again', async () => {
    const beta = await lab.machine('beta');
    const host = await reach('ops@203.0.113.12', {}, lab.state.keyFile, { keepaliveMs: 500 });
    const running = host.run({ argv: ['sh', '-c', 'echo on; sleep 100'], onOutput: () => void beta.cutOff() });
    const code = await running.then(
      () => 'done',
      (error: unknown) => (error instanceof ProblemError ? problemOf(error).code : error),
    );
    expect(code).toBe('connection-lost');
    await beta.reconnect();
    // A neighbour that did not answer is held for gone by the kernel for about a second.
    const back = async () => (await host.run({ argv: ['echo', 'back'] }).catch(() => undefined))?.stdout;
    await expect.poll(back).toBe('back\n');
  });
});
