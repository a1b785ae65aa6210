import { randomBytes } from 'node:crypto';
import { quoteCommand } from './shell-quote.ts';
import type { Elevation } from './elevate.ts';
import type { Command } from './host.ts';

/**
 * What is sent to run one argv on a machine. A small fixed script goes first: it says on both outputs that it was reached (what a
 * chatty ~/.bashrc or sudo's lecture printed before is dropped) and which process to end when the command must stop, then becomes
 * the program. `needsPassword` says that standard input must begin with the line sudo reads and the line of the token.
 */
export interface Envelope {
  readonly commandLine: string;
  /** The line that says a process id belongs to the command, and the line after which output is the command's own. */
  readonly token: string;
  readonly elevated: boolean;
  readonly needsPassword: boolean;
}

const announce = `printf '%s\\n' "$1"; printf '%s %s\\n' "$1" "$$" >&2; shift; exec "$@"`;
/**
 * Behind sudo, standard input is the password line, the token line and then the command's own input. When sudo did not ask after all,
 * the password line is still there: everything up to the token is thrown away, so it can never reach the command.
 */
const swallow = `while IFS= read -r line; do if [ "$line" = "$1" ]; then break; fi; done; unset line; ${announce}`;

/** Longest command line: Linux takes 128 KiB in one argument, and a login shell gets the whole line as one. */
const longest = 120 * 1024;

/** Bytes kept of what is printed before the command's own output. */
const longestGreeting = 64 * 1024;

/** Wraps an argv; `elevation` is undefined for a command that runs as the login user. */
export function wrap(argv: readonly string[], elevation: Elevation | undefined): Envelope {
  const token = `mirrorfleet-${randomBytes(9).toString('base64url')}`;
  const viaSudo = elevation === 'free' || elevation === 'password';
  const needsPassword = elevation === 'password';
  const sudo = needsPassword ? ['sudo', '-S', '-k', '-p', ''] : ['sudo', '-n'];
  const inner = viaSudo
    ? [...sudo, '--', '/bin/sh', '-c', needsPassword ? swallow : announce, 'sh', token, ...argv]
    : argv;
  const commandLine = `exec ${quoteCommand(['sh', '-c', announce, 'sh', viaSudo ? `${token}-login` : token, ...inner])}`;
  if (commandLine.length > longest)
    throw new Error(`A command line of ${commandLine.length} characters is too long; feed it as input`);
  return { commandLine, token, elevated: viaSudo, needsPassword };
}

/** The argv of a command, with its variables set by `env`: they pass sudo, and nothing of them is read by a shell. */
export function argvOf({ argv, environment = {} }: Command): readonly string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return variables.length === 0 ? argv : ['env', ...variables, ...argv];
}

/** Passes on what comes after the token's line, and keeps what came before for the case that it never comes. */
export class AfterToken {
  readonly #token: string;
  readonly #pass: (chunk: Buffer) => void;
  #before = Buffer.alloc(0);
  reached = false;

  constructor(token: string, pass: (chunk: Buffer) => void) {
    this.#token = token;
    this.#pass = pass;
  }

  /** Process ids announced so far: the login side's, then the elevated one's. */
  get pids(): number[] {
    const lines = this.#before.toString('latin1').matchAll(new RegExp(`${this.#token}(?:-login)? (\\d+)$`, 'gm'));
    return [...lines].map((line) => Number(line[1]));
  }

  get before(): string {
    return this.#before.toString('utf8');
  }

  take(chunk: Buffer): void {
    if (this.reached) return this.#pass(chunk);
    const all = Buffer.concat([this.#before, chunk]);
    const line = new RegExp(`${this.#token}(?: \\d+)?\\n`).exec(all.toString('latin1'));
    if (line === null) {
      this.#before = all.subarray(-longestGreeting);
      return;
    }
    const end = line.index + line[0].length;
    this.reached = true;
    this.#before = all.subarray(0, end);
    if (end < all.length) this.#pass(all.subarray(end));
  }
}
