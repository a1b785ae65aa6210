import { ProblemError, fail } from '../../preload/contract/problem.ts';
import type { NodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { hostRunning } from '../hosts/host-running.ts';
import { environmentOf, goOnScript } from './remote-scripts.ts';

/** What the pulls for a node carry in place of a run's id: they go on to their end whatever becomes of their run, but not while the node is removed. */
export const pullsOf = ({ project }: Pick<NodeLayout, 'project'>): string => `pulls-of-${project}`;

/** {@link goOnScript} takes 20 s at most. Milliseconds. */
const endTimeout = 60_000;

/** What {@link goOnScript} exits with where the lock is another's. */
const lockGone = 3;

function lockLost(host: Host): never {
  fail({
    code: 'lock-lost',
    message: `Somebody else took ${host.name} over while its connection was lost; what was done there until then stays, nothing more was done.`,
    hint: 'Wait until they are done, then look at its plan.',
    retryable: true,
  });
}

/**
 * A node's machine as one run sees it. Its commands carry the run's id, so that whoever comes next can end what is left of them. A
 * command whose connection was lost may be at work still: it is ended before the next one begins, and where somebody took the lock in
 * `base` over meanwhile, nothing more begins. Problem `lock-lost`.
 */
export function hostOfRun(host: Host, run: string, base?: string): Host {
  let lost = false;
  return hostRunning(host, async (command) => {
    if (lost) {
      const argv = ['sh', '-c', goOnScript, 'sh', run, base ?? ''];
      const { code } = await host.run({ argv, elevated: true, timeoutMs: endTimeout });
      if (code === lockGone) lockLost(host);
      lost = false;
    }
    try {
      return await host.run({ ...command, environment: { ...command.environment, ...environmentOf(run) } });
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'connection-lost') lost = true;
      throw error;
    }
  });
}
