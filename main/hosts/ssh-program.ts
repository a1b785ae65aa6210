import { constants } from 'node:os';
import type { ClientChannel } from 'ssh2';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import { sudoProblem } from './elevate.ts';
import { AfterToken, type Envelope } from './envelope.ts';
import type { SshConnection } from './ssh-channels.ts';
import { connectionLost } from './ssh-problems.ts';
import type { RunningProgram } from './supervise.ts';

type Listener = Parameters<RunningProgram['listen']>[0];

/** Ends process groups: asks, waits up to two seconds, then kills. Arguments: process ids. */
export const stopScript = `signal() { for p in $pids; do kill -s "$1" -- "-$p" 2>/dev/null || kill -s "$1" "$p" 2>/dev/null; done; }
alive() { for p in $pids; do { kill -s 0 -- "-$p" || kill -s 0 "$p"; } 2>/dev/null && return 0; done; return 1; }
pids=$*
signal TERM
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do alive || exit 0; sleep 0.1 2>/dev/null || sleep 1; done
signal KILL`;

/** What a program on an SSH channel needs beside the channel. `endGroup` runs {@link stopScript} beside it. */
export interface SshProgramOptions {
  readonly name: string;
  readonly envelope: Envelope;
  readonly sudoPassword: Secret | undefined;
  readonly endGroup: (pids: readonly number[]) => Promise<unknown>;
}

/** How long a stop waits for the command to say its process id, and for the channel to close afterwards, in ms. */
const patience = 3_000;

/** A channel that runs an {@link Envelope}, as a program to supervise. */
export function sshProgram(
  connection: SshConnection,
  channel: ClientChannel,
  options: SshProgramOptions,
): RunningProgram {
  const { name, envelope } = options;
  const ended = Promise.withResolvers<number>();
  let hear: Listener = { stdout() {}, stderr() {} };
  const out = new AfterToken(envelope.token, (chunk) => hear.stdout(chunk));
  const err = new AfterToken(envelope.token, (chunk) => hear.stderr(chunk));
  let code: number | undefined;

  channel.on('error', () => {});
  const hearExit = (status: number | null | undefined, signal?: string) => {
    if (status === undefined) return;
    code =
      status ??
      128 + (Object.entries(constants.signals).find(([each]) => each === signal || each === `SIG${signal}`)?.[1] ?? 0);
  };
  channel.on('exit', hearExit);
  const onLost = () => ended.reject(connection.lost.reason);
  connection.lost.addEventListener('abort', onLost, { once: true });
  // A quick command's whole answer may come in one packet, before anybody could listen for its exit: the end repeats how it was.
  channel.on('close', (status?: number | null, signal?: string) => {
    hearExit(status, signal);
    connection.lost.removeEventListener('abort', onLost);
    if (code === undefined) ended.reject(new ProblemError(connectionLost(name, 'the command ended without a word')));
    else if (!err.reached)
      ended.reject(
        neverStarted(name, connection, envelope, options.sudoPassword !== undefined, `${out.before}${err.before}`),
      );
    else ended.resolve(code);
  });
  const started = new Promise<void>((resolve) => {
    channel.stderr.on('data', (chunk: Buffer) => {
      err.take(chunk);
      if (err.reached) resolve();
    });
    channel.on('close', resolve);
  });

  return {
    stdin: channel,
    ...(envelope.needsPassword
      ? { preface: Buffer.from(`${options.sudoPassword?.reveal() ?? ''}\n${envelope.token}\n`) }
      : {}),
    listen: (listener) => {
      hear = listener;
      channel.on('data', (chunk: Buffer) => out.take(chunk));
    },
    ended: ended.promise,
    stop: async () => {
      await Promise.race([started, bounded()]);
      if (code === undefined && err.pids.length > 0) await options.endGroup(err.pids).catch(() => {});
      channel.close();
      await Promise.race([ended.promise.catch(() => {}), bounded()]);
      ended.resolve(code ?? 143);
    },
  };
}

function bounded(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, patience).unref();
  });
}

function neverStarted(
  name: string,
  connection: SshConnection,
  envelope: Envelope,
  passwordKnown: boolean,
  said: string,
): ProblemError {
  const who = `${connection.destination.user}@${name}`;
  if (envelope.elevated && said.includes(`${envelope.token}-login`))
    return new ProblemError(sudoProblem(withoutTokens(said, envelope), passwordKnown, who));
  return new ProblemError({
    code: 'shell-refused',
    message: `${name} let ${connection.destination.user} log in but not run commands.`,
    hint: 'Check the login shell of this user and ForceCommand in its sshd_config.',
    retryable: false,
    detail: { said: said.trim().slice(0, 2000) },
  });
}

function withoutTokens(said: string, envelope: Envelope): string {
  return said
    .split('\n')
    .filter((line) => !line.includes(envelope.token))
    .join('\n');
}
