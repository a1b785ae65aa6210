import { spawn } from 'node:child_process';
import { z } from 'zod';
import { type Problem, problemSchema } from '../../preload/contract/problem.ts';
import type { PortEnd } from '../endpoints/port-end.ts';
import { LastLines } from './last-lines.ts';
import type { ShellLog } from './shell-log.ts';

/** How a core's process ended: its exit code or signal, and the last that it wrote on its standard error. */
export interface CoreEnd {
  readonly how: string;
  readonly lastLines: readonly string[];
}

/** What a core says of its start. */
export type CoreSaid = { readonly kind: 'serving' } | { readonly kind: 'failed'; readonly problem: Problem };

/** A core that this app started, whatever runs it. */
export interface CoreChild {
  /** What it says of its start; undefined where it ended without a word. */
  readonly said: Promise<CoreSaid | undefined>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<CoreEnd>;
  /** Hands it the port of a window; undefined where its process can take none (a plain Node). */
  readonly givePort: ((port: PortEnd) => void) | undefined;
  /** Asks it to end in order. */
  end(): void;
  /** Ends it at once. */
  kill(): void;
}

const saidSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('serving') }),
  z.object({ kind: z.literal('failed'), problem: problemSchema }),
]);

/** What a core's process said, read; undefined for what is nothing of that kind. */
export function readSaid(message: unknown): CoreSaid | undefined {
  return saidSchema.safeParse(message).data;
}

/** Asks a core to end in order and waits for that; one that takes longer is killed, and the log says so. */
export async function endInTime(child: CoreChild, ms: number, log: ShellLog): Promise<CoreEnd> {
  child.end();
  const late = setTimeout(() => {
    log('warn', 'The core did not end in time after it was asked to; it was killed.', { ms });
    child.kill();
  }, ms);
  try {
    return await child.ended;
  } finally {
    clearTimeout(late);
  }
}

/**
 * Starts the core under a given Node: for development, and where Electron's own Node is older than the core. What was compiled is kept in
 * the folder `compiled`: without it Node loads a TypeScript compiler at each start of the sources, which stays, some 25 MB.
 */
export function startUnderNode(program: string, module: string, compiled: string): CoreChild {
  // The small young generation keeps a core that runs for long at half the memory; see the start script.
  const child = spawn(program, ['--max-semi-space-size=4', module], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { NODE_COMPILE_CACHE: compiled, ...process.env },
  });
  const lines = new LastLines();
  child.stderr?.on('data', (chunk: Buffer) => lines.add(chunk.toString()));
  const ended = new Promise<CoreEnd>((resolve) => {
    child.once('error', (error) => resolve({ how: error.message, lastLines: [] }));
    child.once('close', (code, signal) => resolve({ how: signal ?? `exit ${code ?? '?'}`, lastLines: lines.all() }));
  });
  const said = new Promise<CoreSaid | undefined>((resolve) => {
    child.on('message', (message) => resolve(readSaid(message)));
    void ended.then(() => resolve(undefined));
  });
  // A child that is gone cannot be told anything; its end is told by itself.
  child.on('error', () => {});
  return {
    said,
    ended,
    givePort: undefined,
    end: () => void (child.connected && child.send({ kind: 'end' }, () => {})),
    kill: () => void child.kill('SIGKILL'),
  };
}
