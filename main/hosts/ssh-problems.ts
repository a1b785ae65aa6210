import type { Problem } from '../../preload/contract/problem.ts';

/** Who could not be reached and where, for messages. `name` is the node, `hostname`/`port` what was dialled. */
export interface Peer {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'cannot be reached from here (no route to it)',
  ENETUNREACH: 'cannot be reached from here (no network)',
  ECONNRESET: 'closed the connection at once',
  EPIPE: 'closed the connection at once',
  ENOTFOUND: 'is a name that does not exist',
  EAI_AGAIN: 'is a name that could not be looked up',
};

/** The system's word for why a socket failed; several addresses tried at once hide it one level deeper. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Nobody could be talked to at that address; the cause is said in words. */
export function unreachable(peer: Peer, error: unknown): Problem {
  const code = errorCode(error);
  const words = error instanceof Error ? error.message : String(error);
  const cause =
    (code === undefined ? undefined : causes[code]) ??
    (/timed out|timeout/i.test(words) ? causes['ETIMEDOUT'] : undefined);
  return {
    code: 'host-unreachable',
    message: `${peer.name} could not be reached: ${peer.hostname} port ${peer.port} ${cause ?? `gave up the SSH handshake (${words})`}. Nothing was changed.`,
    hint:
      code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'Check the name and your DNS.'
        : 'Check that the machine is on, that sshd listens on this port, and that no firewall is in between.',
    retryable: true,
    detail: { host: peer.hostname, port: String(peer.port), cause: code ?? words },
  };
}

/** The connection died under a call. What the call had begun may or may not have happened. */
export function connectionLost(name: string, cause: string): Problem {
  return {
    code: 'connection-lost',
    message: `The connection to ${name} was lost (${cause}). What was running there may not have finished.`,
    hint: 'It is made anew at the next attempt; try again.',
    retryable: true,
  };
}

export function cancelled(what: string): Problem {
  return {
    code: 'cancelled',
    message: `${what} was cancelled.`,
    hint: 'Start it again when you want.',
    retryable: true,
  };
}

export function commandTimeout(name: string, what: string, ms: number): Problem {
  return {
    code: 'command-timeout',
    message: `${what} on ${name} did not end within ${Math.round(ms / 100) / 10} s and was stopped.`,
    hint: 'The machine may be overloaded or waiting for something; look at it, then try again.',
    retryable: true,
  };
}

export function outputTooLarge(name: string, what: string, limit: number): Problem {
  return {
    code: 'output-too-large',
    message: `${what} on ${name} wrote more than ${limit} bytes and was stopped.`,
    hint: 'This is more than Mirrorfleet expects there; the log says which command it was.',
    retryable: false,
  };
}
