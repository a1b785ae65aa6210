import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../lab/command.ts';
import { findLeftovers } from '../lab/host-guard.ts';
import { attachLab, type Machine } from '../lab/lab.ts';
import { runFolder } from '../lab/lab-state.ts';

const lab = await attachLab();

/** What a person types on the laptop; host keys are taken on first sight, as a test of the lab may. */
function ssh(machine: Machine, command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = [
    '-n',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  return runCommand(['ssh', ...options, '-i', machine.keyFile, `${machine.user}@${machine.ip}`, command]);
}

async function hostKey(machine: Machine): Promise<string> {
  const { stdout } = await runCommand(['ssh-keyscan', '-t', 'ed25519', machine.ip]);
  return stdout.split(' ').at(-1)?.trim() ?? '';
}

test('the names of public registries lead to the small internet, and nothing leads outside', async () => {
  expect((await lookup('registry-1.docker.io')).address).toMatch(/^(203\.0\.113|198\.51\.100)\./);
  await expect(lookup('no-such-name.example')).rejects.toThrow();
  await expect(fetch('http://192.0.2.1/', { signal: AbortSignal.timeout(3000) })).rejects.toThrow();
});

test('servers answer over SSH with host keys of their own', async () => {
  const [alpha, beta] = await Promise.all([lab.machine('alpha'), lab.machine('beta')]);
  expect((await ssh(alpha, 'hostname; id -un')).stdout).toBe('alpha\nroot\n');
  expect((await ssh(beta, 'hostname; id -un; sudo -n id -un')).stdout).toBe('beta\nops\nroot\n');
  expect(await hostKey(alpha)).not.toBe('');
  expect(await hostKey(alpha)).not.toBe(await hostKey(beta));
});

test('a rebooted server has lost its processes and kept its disk, its host key and its containers', async () => {
  const alpha = await lab.machine('alpha');
  await alpha.writeFile('/opt/image/bin/busybox', await readFile('/bin/busybox'), 0o755);
  await alpha.mustExec(['sh', '-c', 'tar -C /opt/image -c bin | docker import - lab.test/sleeper:1']);
  const container = [
    '--name',
    'sleeper',
    '--restart',
    'unless-stopped',
    'lab.test/sleeper:1',
    '/bin/busybox',
    'sleep',
    '9999',
  ];
  await alpha.mustExec(['docker', 'run', '--detach', ...container]);
  alpha.spawn(['sleep', '4242']);
  const before = await hostKey(alpha);
  await alpha.writeFile('/opt/kept', 'kept');
  await alpha.reboot();
  expect((await alpha.exec(['pgrep', '-f', 'sleep 4242'])).code).toBe(1);
  expect(await alpha.readFile('/opt/kept')).toBe('kept');
  expect(await hostKey(alpha)).toBe(before);
  const running = (): Promise<string> => alpha.mustExec(['docker', 'ps', '--quiet', '--filter', 'name=sleeper']);
  await expect.poll(running, { timeout: 10_000 }).toMatch(/^\w+\n$/);
});

test('a server without its cable is silent, and back with it', async () => {
  const beta = await lab.machine('beta');
  await beta.cutOff();
  expect((await runCommand(['timeout', '2', 'bash', '-c', `</dev/tcp/${beta.ip}/22`])).code).not.toBe(0);
  await beta.reconnect();
  // A neighbour that did not answer is held for gone by the kernel for about a second.
  await expect.poll(async () => (await ssh(beta, 'true')).code).toBe(0);
});

test('the laptop has a running Docker whose canary container nothing has restarted', async () => {
  const laptop = await lab.machine('laptop');
  const inspect = ['/usr/bin/docker', 'inspect', '--format', '{{.State.Running}} {{.RestartCount}}', 'canary'];
  expect((await laptop.exec(inspect, { user: 'dev' })).stdout).toBe('true 0\n');
});

test('an ordinary user of the laptop needs a password for sudo and cannot change the checkout', async () => {
  const laptop = await lab.machine('laptop');
  expect((await laptop.exec(['sudo', '-n', 'true'], { user: 'dev' })).code).toBe(1);
  expect((await laptop.exec(['sudo', '-S', 'id', '-un'], { user: 'dev', input: 'dev-sudo-pw\n' })).stdout).toBe(
    'root\n',
  );
  expect((await laptop.exec(['touch', resolve(import.meta.dirname, 'x')])).stderr).toContain('Read-only');
});

test('a lab whose owner is killed leaves nothing on this computer', { timeout: 60_000 }, async () => {
  const run = 'killed1';
  const owner = `import { startLab } from ${JSON.stringify(resolve(import.meta.dirname, '../lab/lab.ts'))};
    await startLab({ run: '${run}', machines: ['small'] });
    console.log('up');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(existsSync(runFolder(run))).toBe(true);
  child.kill('SIGKILL');
  expect(await findLeftovers(run, 15_000)).toEqual([]);
});
