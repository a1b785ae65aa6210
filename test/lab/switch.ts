import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkPrefix, switchAddress } from './catalogue.ts';
import { cgroupName, enterCgroupScript, makeCgroup } from './cgroups.ts';

/**
 * The bridge has an address of its own: else it takes the lowest of its ports', and when a machine is rebooted, all others go on for most of a
 * minute to send to one that nobody has any more. Forwarding is on so that an address nobody has is answered with "unreachable" at once instead of silence.
 * The loop reaps orphans of the whole lab: this is pid 1 of the namespace that all machines live in.
 */
const switchInit = `
set -eu
mount --make-rprivate /
ip link set lo up
ip link add br0 address 02:00:5e:00:00:01 type bridge
ip addr add ${switchAddress}/${networkPrefix} dev br0
ip link set br0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
read -r pid _ </proc/self/stat
echo $pid >"$1/pid.new"
mv "$1/pid.new" "$1/pid"
while :; do sleep 1000 & wait $! || true; done`;

/**
 * Starts the lab's switch: one network, pid and mount namespace with a bridge in it. Returns its first process's pid.
 * Machines are descendants of its pid namespace, so that one SIGKILL ends a whole lab. Unless `background`,
 * the switch itself dies with this process, however that ends.
 */
export async function startSwitch(run: string, folder: string, background: boolean): Promise<number> {
  await mkdir(folder, { recursive: true });
  const group = cgroupName(run, 'switch');
  await makeCgroup(group);
  const log = openSync(join(folder, 'console.log'), 'a');
  const bound = background ? [] : ['setpriv', '--pdeathsig', 'KILL'];
  const unshare = [
    'unshare',
    '--net',
    '--pid',
    '--mount',
    '--fork',
    '--kill-child',
    'bash',
    '-c',
    switchInit,
    'lab-switch',
    folder,
  ];
  const [program = '', ...rest] = [...bound, 'sh', '-c', enterCgroupScript(group), 'enter', ...unshare];
  const child = spawn(program, rest, {
    stdio: ['ignore', log, log],
    detached: true, // out of reach of a Ctrl-C at the terminal
    cwd: '/',
    env: machineEnvironment(),
  });
  closeSync(log);
  child.unref();
  const pidFile = join(folder, 'pid');
  for (let waited = 0; !existsSync(pidFile); waited += 20) {
    if (child.exitCode !== null || waited > 10_000) {
      throw new Error(`the switch did not start: ${await readFile(join(folder, 'console.log'), 'utf8')}`);
    }
    await sleep(20);
  }
  return Number(await readFile(pidFile, 'utf8'));
}

/** Nothing of the host's environment (proxies, certificate files, tokens) may reach a machine. */
export function machineEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };
}
