import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkPrefix, switchAddress, type MachinePlan } from './catalogue.ts';
import { cgroupName, cgroupVersion, enterCgroupScript, makeCgroup, processesIn } from './cgroups.ts';
import type { LabState } from './lab-state.ts';
import { rootfs } from './rootfs.ts';
import { machineEnvironment } from './switch.ts';

const initScript = join(import.meta.dirname, 'machine-init.sh');

export function machineFolder(state: LabState, plan: MachinePlan): string {
  return join(state.dir, 'machines', plan.name);
}

/** An overlay over `/` cannot keep its upper folder on the same file system: the host's overlay lies in memory. */
export function hostOverlayFolder(run: string, name: string): string {
  return `/dev/shm/mfl-${run}-${name}`;
}

/** The machine's first process as the host sees it, or undefined while it is down. Read anew: any process may reboot it. */
export function machinePid(state: LabState, plan: MachinePlan): number | undefined {
  try {
    const pid = Number(readFileSync(join(machineFolder(state, plan), 'pid'), 'utf8'));
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    return groups.includes(cgroupName(state.run, plan.name)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Powers the machine on and returns its pid as soon as its init runs; services need some seconds more.
 * It becomes a descendant of the switch's pid namespace, so it neither dies with this process nor outlives the lab.
 */
export async function bootMachine(state: LabState, plan: MachinePlan): Promise<number> {
  const folder = machineFolder(state, plan);
  const group = cgroupName(state.run, plan.name);
  await mkdir(folder, { recursive: true });
  await rm(join(folder, 'pid'), { force: true });
  await makeCgroup(group, plan.memoryBytes);
  const lastByte = Number(plan.address.split('.').at(-1));
  const environment: Record<string, string> = {
    ...machineEnvironment(),
    NAME: plan.name,
    ADDRESS: plan.address,
    PREFIX: String(networkPrefix),
    GATEWAY: switchAddress,
    MAC: `02:00:cb:00:71:${lastByte.toString(16).padStart(2, '0')}`,
    SWITCH_PID: String(state.switchPid),
    STATE: folder,
    UPPER: plan.root === 'host' ? hostOverlayFolder(state.run, plan.name) : folder,
    LOWER: plan.root === 'host' ? '/' : (await rootfs(plan.root)).join(':'),
    HOST_ROOT: plan.root === 'host' ? 'yes' : 'no',
    LOGIN: plan.user,
    SUDO: plan.sudo,
    PASSWORD: plan.password ?? '',
    ENGINE: plan.engine ? 'yes' : 'no',
    MEMORY: plan.memoryBytes === undefined ? '' : String(plan.memoryBytes),
    DISK: plan.diskBytes === undefined ? '' : String(plan.diskBytes),
    SHOWN: plan.root === 'host' ? state.shownFolders.join(':') : '',
    NODE: state.node,
    CA_FILE: state.caFile,
    KEY_FILE: state.keyFile,
    CGROUP_VERSION: String(cgroupVersion),
  };
  const log = openSync(join(folder, 'console.log'), 'a');
  const enter = [
    '--target',
    String(state.switchPid),
    '--pid',
    '--mount',
    'sh',
    '-c',
    enterCgroupScript(group),
    'enter',
  ];
  const isolate = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--fork', '--kill-child'];
  const child = spawn('nsenter', [...enter, ...isolate, 'bash', initScript, 'build'], {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: environment,
  });
  closeSync(log);
  child.unref();
  for (let waited = 0; waited < 20_000 && child.exitCode === null; waited += 20) {
    const pid = machinePid(state, plan);
    if (pid !== undefined) return pid;
    await sleep(20);
  }
  throw new Error(`${plan.name} did not boot:\n${await readFile(join(folder, 'console.log'), 'utf8')}`);
}

/** Cuts the power: every process of the machine is gone when this returns; its disks stay. */
export async function powerOff(state: LabState, plan: MachinePlan): Promise<void> {
  const pid = machinePid(state, plan);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  const group = cgroupName(state.run, plan.name);
  for (let waited = 0; waited < 10_000; waited += 20) {
    if ((await processesIn(group)).length === 0) return;
    await sleep(20);
  }
  throw new Error(`${plan.name} does not die`);
}
