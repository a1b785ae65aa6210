import type { MachinePlan } from './catalogue.ts';
import type { Machine } from './machine.ts';

/** The container that lives on the laptop all the time; a switch that restarts it has done harm. */
export const canaryContainer = 'canary';
const canaryImage = 'lab.test/canary:1';

const sshAnswers = '(exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null && [ ! -e /run/nologin ]';
const engineAnswers = '/usr/bin/docker version >/dev/null 2>&1';

/**
 * Waits (60 s at most) until the machine can be used: a server's sshd lets ordinary users in, the engine answers,
 * the laptop's canary container runs.
 */
export async function makeReady(machine: Machine, plan: MachinePlan): Promise<void> {
  const conditions = [...(plan.root === 'host' ? [] : [sshAnswers]), ...(plan.engine ? [engineAnswers] : [])];
  const script = conditions.map((condition) => `until ${condition}; do sleep 0.1; done`).join('\n');
  const result = await machine.exec(['bash', '-c', script], { timeoutMs: 60_000 });
  if (result.code !== 0)
    throw new Error(`${plan.name} booted, but SSH or the engine does not answer; see ${machine.folder}/console.log`);
  if (plan.root === 'host') await ensureCanary(machine);
}

async function ensureCanary(machine: Machine): Promise<void> {
  const present = await machine.exec(['/usr/bin/docker', 'container', 'inspect', canaryContainer]);
  if (present.code === 0) return;
  await machine.mustExec(['sh', '-ec', `tar -C / -c bin/busybox | /usr/bin/docker import - ${canaryImage} >/dev/null`]);
  const run = [
    'run',
    '--detach',
    '--name',
    canaryContainer,
    '--restart',
    'unless-stopped',
    '--network',
    'none',
    canaryImage,
  ];
  // As pid 1 of its container a bare sleep would ignore SIGTERM: each stop of Docker would then take 10 s and lose it.
  const life = 'trap "exit 0" TERM; while :; do /bin/busybox sleep 3600 & wait; done';
  await machine.mustExec(['/usr/bin/docker', ...run, '/bin/busybox', 'sh', '-c', life]);
}
