import type { Duplex } from 'node:stream';
import type ssh2 from 'ssh2';
import type { ClientChannel } from 'ssh2';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { SshDestination } from './ssh-config.ts';
import { connectionLost } from './ssh-problems.ts';

/** One live, authenticated connection. */
export interface SshConnection {
  readonly destination: SshDestination;
  /** Aborted, with the Problem as its reason, when the connection is gone. */
  readonly lost: AbortSignal;
  exec(command: string): Promise<ClientChannel>;
  forward(hostname: string, port: number): Promise<Duplex>;
  close(): void;
}

/** How often, and after how many ms, a session is asked for again that sshd had no room for. */
const sessionTries = 10;
const sessionPause = 50;

/** What an authenticated client can do for us: commands, and connections onward. Whoever waits hears when the connection is lost. */
export function connectionOf(
  name: string,
  destination: SshDestination,
  client: ssh2.Client,
  lost: AbortSignal,
  close: () => void,
): SshConnection {
  const gone = () =>
    lost.reason instanceof ProblemError ? lost.reason : new ProblemError(connectionLost(name, 'it was closed'));
  const untilLost = <T>(begin: (settle: (error: Error | undefined, value?: T) => void) => void) =>
    new Promise<T>((resolve, reject) => {
      const onLost = () => reject(gone());
      if (lost.aborted) return onLost();
      lost.addEventListener('abort', onLost, { once: true });
      begin((error, value) => {
        lost.removeEventListener('abort', onLost);
        if (error !== undefined || value === undefined) reject(error ?? gone());
        else resolve(value);
      });
    });
  return {
    destination,
    lost,
    exec: (command) =>
      untilLost<ClientChannel>((settle) => {
        const open = (triesLeft: number): ssh2.Client =>
          client.exec(command, (error, channel) => {
            if (!error) return settle(undefined, channel);
            // sshd counts a session until it has reaped its process: for a moment after eight ended, an eighth may still be one too many.
            if (triesLeft > 0 && !lost.aborted && /open failed/i.test(error.message)) {
              setTimeout(() => open(triesLeft - 1), sessionPause);
              return;
            }
            settle(
              lost.aborted || /not connected|no response/i.test(error.message) ? gone() : channelRefused(name, error),
            );
          });
        open(sessionTries);
      }),
    forward: (hostname, port) =>
      untilLost<Duplex>((settle) => {
        client.forwardOut('127.0.0.1', 0, hostname, port, (error, channel) => {
          if (!error) return settle(undefined, channel);
          settle(
            lost.aborted || /not connected|no response/i.test(error.message)
              ? gone()
              : forwardRefused(name, hostname, port, error),
          );
        });
      }),
    close,
  };
}

function channelRefused(name: string, error: Error): ProblemError {
  return new ProblemError({
    code: 'shell-refused',
    message: `${name} let us log in but not run commands (${error.message}).`,
    hint: 'Check MaxSessions and ForceCommand in its sshd_config, and the login shell of this user.',
    retryable: true,
  });
}

function forwardRefused(name: string, hostname: string, port: number, error: Error): ProblemError {
  return new ProblemError({
    code: 'port-forward-refused',
    message: `${name} could not open a connection to ${hostname} port ${port} for us (${error.message}).`,
    hint: 'Nothing may be listening there, or AllowTcpForwarding is off in its sshd_config.',
    retryable: true,
    detail: { hostname, port: String(port), cause: error.message },
  });
}
