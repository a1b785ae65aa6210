import { fail } from '../../preload/contract/problem.ts';
import type { Host } from '../hosts/host.ts';
import { hostOfRun } from './host-of-run.ts';
import { parseLock } from './parse-observation.ts';
import { lockScript, unlockScript } from './remote-scripts.ts';

/** Who takes a node's lock: `who` for people (`ada@laptop`), `installation` the same for every run of one Mirrorfleet on one computer. */
export interface Holder {
  readonly who: string;
  readonly installation: string;
}

/** A holder that gave no sign of life for so long (seconds, by the server's clock) is taken for dead; it gives one every {@link heartbeat}. */
const staleAfter = 120;
const heartbeat = 20_000;

export interface NodeLock {
  /** The node's machine for what is done under this lock. */
  readonly host: Host;
  release(): Promise<void>;
}

/**
 * Takes the lock of a node: a file in its folder that says who, when and why. A lock of this same installation is left over from a run
 * that died (one core runs at a time, and one task per node), so it is taken over; a stranger's only when it is stale or `breakLock` is set.
 * What the run before has left at work there is ended first, which takes 20 s at most.
 * Problem: `node-locked`, naming the holder.
 */
export async function takeLock(
  host: Host,
  base: string,
  lock: { holder: Holder; why: string; run: string; now: Date; breakLock: boolean },
): Promise<NodeLock> {
  const { holder, why, run, now } = lock;
  const text = JSON.stringify({
    who: holder.who,
    when: now.toISOString(),
    why,
    installation: holder.installation,
    run,
  });
  const result = await host.run({
    argv: [
      'sh',
      '-c',
      lockScript,
      'sh',
      base,
      text,
      String(staleAfter),
      holder.installation,
      lock.breakLock ? 'break' : 'keep',
    ],
    elevated: true,
    timeoutMs: 60_000,
  });
  const [answer, first = '', second = ''] = result.stdout.trimEnd().split('\t');
  if (answer === 'held') {
    const other = parseLock(first, second);
    fail({
      code: 'node-locked',
      message: `${other.who} has been working on ${host.name} since ${other.when} (${other.why}); nothing was changed.`,
      hint: `Wait until that is done. A lock without a sign of life for ${staleAfter / 60} minutes is taken over by itself (the last sign of this one: ${other.ageSeconds} s ago); if you know that nobody is at work, give --break-lock.`,
      retryable: true,
    });
  }
  if (answer !== 'taken') {
    fail({
      code: 'lock-failed',
      message: `The lock of ${host.name} could not be taken in ${base}; nothing was changed.`,
      hint: 'A full or read-only disk, or a symbolic link in the folder’s place, is the usual reason.',
      detail: { output: `${result.stdout}${result.stderr}`.slice(-2000) },
    });
  }
  const ours = hostOfRun(host, run, base);
  const tell = (through: Host, verb: 'touch' | 'release') =>
    through.run({ argv: ['sh', '-c', unlockScript, 'sh', base, run, verb], elevated: true, timeoutMs: 30_000 });
  // A lost heartbeat is no failure of the work: at worst the lock looks stale after two minutes.
  const timer = setInterval(() => void tell(host, 'touch').catch(() => undefined), heartbeat);
  timer.unref();
  return {
    host: ours,
    release: async () => {
      clearInterval(timer);
      // Not before what a lost connection left at work has ended: the next run would begin beside it.
      await tell(ours, 'release');
    },
  };
}
