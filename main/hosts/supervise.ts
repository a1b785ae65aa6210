import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { ProblemError, type Problem } from '../../preload/contract/problem.ts';
import type { Command } from './host.ts';
import { cancelled, commandTimeout, outputTooLarge } from './ssh-problems.ts';

/** How a command ended, its output still bytes. */
export interface RawResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A started program, here or far away. */
export interface RunningProgram {
  readonly stdin: Writable;
  /** Bytes to put before the caller's own input, for example the line sudo reads. */
  readonly preface?: Uint8Array;
  listen(hear: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void }): void;
  /** Settles when the program is gone: its exit code, or the Problem that took it. */
  readonly ended: Promise<number>;
  /** Ends the program and all it started; `ended` settles soon after, whatever happens. */
  stop(): Promise<void>;
}

const defaultLimit = 16 * 1024 * 1024;
/** Input is handed over in pieces so that back-pressure and a stop are felt in between. */
const piece = 256 * 1024;

/** Feeds, hears, bounds and ends one program as its {@link Command} asks. `name` is the machine, for messages. */
export async function supervise(program: RunningProgram, command: Command, name: string): Promise<RawResult> {
  const what = command.argv[0] ?? '';
  const halted = new AbortController();
  let reason: Error | undefined;
  const halt = (error: Error) => {
    if (reason !== undefined) return;
    reason = error;
    halted.abort();
    void program.stop();
  };
  const haltBy = (problem: Problem) => halt(new ProblemError(problem));

  const limit = command.maxOutputBytes ?? defaultLimit;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let heard = 0;
  const keeping = command.keepOutput !== false;
  const hear = (into: Buffer[], chunk: Buffer) => {
    const kept = keeping || into === stderr;
    // What is only heard takes no memory: no limit of ours stands in its way, only one that the caller set.
    if (kept || command.maxOutputBytes !== undefined) heard += chunk.length;
    if (heard > limit) return haltBy(outputTooLarge(name, what, limit));
    if (kept) into.push(chunk);
    if (into === stdout && reason === undefined) command.onOutput?.(chunk);
  };
  program.listen({ stdout: (chunk) => hear(stdout, chunk), stderr: (chunk) => hear(stderr, chunk) });

  const timeoutMs = command.timeoutMs;
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => haltBy(commandTimeout(name, what, timeoutMs)), timeoutMs);
  const onAbort = () => halt(cancellation(command, name));
  if (command.signal?.aborted) onAbort();
  command.signal?.addEventListener('abort', onAbort, { once: true });

  try {
    void feed(program, command.input, halted.signal).catch((error: unknown) =>
      halt(error instanceof Error ? error : new Error(String(error))),
    );
    const code = await program.ended;
    if (reason !== undefined) throw reason;
    return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  } catch (error) {
    throw reason ?? error;
  } finally {
    clearTimeout(timer);
    halted.abort();
    command.signal?.removeEventListener('abort', onAbort);
  }
}

/** Why a command's signal was aborted, as a Problem: the aborter's own, or plain `cancelled`. */
export function cancellation(command: Command, name: string): ProblemError {
  const why: unknown = command.signal?.reason;
  return why instanceof ProblemError ? why : new ProblemError(cancelled(`${command.argv[0] ?? ''} on ${name}`));
}

async function feed(program: RunningProgram, input: Command['input'], halted: AbortSignal): Promise<void> {
  const { stdin } = program;
  // A program that ends without reading its input is not an error; its exit code tells.
  stdin.on('error', () => {});
  const write = async (chunk: Uint8Array) => {
    if (stdin.write(chunk)) return;
    await once(stdin, 'drain', { signal: halted });
  };
  try {
    if (program.preface !== undefined) await write(program.preface);
    for await (const chunk of pieces(input)) {
      if (halted.aborted || stdin.destroyed || stdin.writableEnded) return;
      await write(chunk);
    }
    stdin.end();
  } catch (error) {
    if (!halted.aborted && !stdin.destroyed) throw error;
  }
}

async function* pieces(input: Command['input']): AsyncGenerator<Uint8Array> {
  if (input === undefined) return;
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) {
    for await (const chunk of input) yield* slices(chunk);
    return;
  }
  yield* slices(typeof input === 'string' ? Buffer.from(input) : input);
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}
