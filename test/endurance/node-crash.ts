import { setTimeout as wait } from 'node:timers/promises';
import type { RunningCommand } from '../e2e/node-command.ts';
import type { Machine } from '../lab/lab.ts';

/** What dies while a server is changed: the core at the laptop, its SSH connection, or the server's power. */
export type Crash = 'core' | 'connection' | 'server';
export const crashes: readonly Crash[] = ['core', 'connection', 'server'];

/** When it dies: as soon as so many steps are done (0: as soon as the command says anything), and then so many ms later. */
export interface Moment {
  readonly done: number;
  readonly ms: number;
}

/** Kills the processes of sshd that serve a login, as a crash of theirs would: what they had started goes on without them. */
const killSessions = `for p in /proc/[0-9]*; do
  case $(tr '\\0' ' ' <"$p/cmdline" 2>/dev/null) in sshd*': root'*) kill -9 "\${p#/proc/}" ;; esac
done`;

/**
 * Crashes one of them. A server has its power back, and its SSH and Docker answer, when this returns. The lab's machines share one kernel:
 * what was written and not flushed is not lost here, as it would be on a real one.
 */
export async function crash(kind: Crash, command: RunningCommand, server: Machine): Promise<void> {
  switch (kind) {
    case 'core':
      // It may have ended by itself just now.
      return command.signal('KILL').catch(() => undefined);
    case 'connection':
      await server.mustExec(['sh', '-c', killSessions]);
      return;
    case 'server':
      return server.reboot();
  }
}

/** Waits for the moment; false where the command ended before. */
export async function reached({ done, ms }: Moment, command: RunningCommand): Promise<boolean> {
  const said = done === 0 ? /[^]/ : new RegExp(`(?:✓[^]*?){${done}}`);
  const inTime = await command.says(said).then(
    () => true,
    () => false,
  );
  return inTime && Promise.race([wait(ms, true), command.ended.then(() => false)]);
}
