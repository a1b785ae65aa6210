import { spawn } from 'node:child_process';
import { connect as dial } from 'node:net';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { fail } from '../../preload/contract/problem.ts';
import { argvOf } from './envelope.ts';
import type { Command, CommandResult, FileFound, Host, ReplaceOptions } from './host.ts';
import { readLocalFile, removeLocalFile, replaceLocalFile } from './local-files.ts';
import { errorCode } from './ssh-problems.ts';
import { type RunningProgram, cancellation, supervise } from './supervise.ts';

const defaultFileLimit = 8 * 1024 * 1024;

/**
 * This computer as a place where commands run and files live. Nothing here becomes root: `elevated` is the Problem `permission-denied`
 * unless this process is root already; changing system files goes through the privileged helper.
 */
export function localHost(name = 'this computer'): Host {
  return new LocalHost(name);
}

class LocalHost implements Host {
  readonly name: string;
  readonly roundTrips = 0;

  constructor(name: string) {
    this.name = name;
  }

  async run(command: Command): Promise<CommandResult> {
    this.#refuseElevation(command.elevated, command.argv[0] ?? '');
    if (command.signal?.aborted) throw cancellation(command, this.name);
    const { code, stdout, stderr } = await supervise(await startLocally(argvOf(command)), command, this.name);
    return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
  }

  async readFile(
    path: string,
    options: { elevated?: boolean; maxBytes?: number } = {},
  ): Promise<FileFound | undefined> {
    this.#refuseElevation(options.elevated, `reading ${path}`);
    return readLocalFile(this.name, path, options.maxBytes ?? defaultFileLimit);
  }

  async replaceFile(path: string, bytes: Uint8Array, options: ReplaceOptions): Promise<void> {
    this.#refuseElevation(options.elevated, `replacing ${path}`);
    await replaceLocalFile(this.name, path, bytes, options);
  }

  async removeFile(path: string, options: { elevated?: boolean } = {}): Promise<void> {
    this.#refuseElevation(options.elevated, `removing ${path}`);
    await removeLocalFile(this.name, path);
  }

  connect(port: number, hostname = '127.0.0.1'): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = dial({ host: hostname, port, noDelay: true });
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error) => {
        try {
          fail({
            code: 'port-forward-refused',
            message: `No connection to ${hostname} port ${port} on ${this.name} (${errorCode(error) ?? error.message}).`,
            hint: 'Nothing may be listening there.',
            retryable: true,
            detail: { hostname, port: String(port), cause: errorCode(error) ?? error.message },
          });
        } catch (problem) {
          reject(problem);
        }
      });
    });
  }

  async close(): Promise<void> {}

  #refuseElevation(elevated: boolean | undefined, what: string): void {
    if (elevated !== true || process.getuid?.() === 0) return;
    fail({
      code: 'permission-denied',
      message: `${what} needs root on ${this.name}. Nothing was changed.`,
      hint: 'Use the privileged helper.',
    });
  }
}

/** Exit code of sh for a program that is not there, and for one that may not be run. */
const notFound = 127;
const notRunnable = 126;

/** Starts a program without a shell in a process group of its own, so that stopping it stops what it started. */
function startLocally(argv: readonly string[]): Promise<RunningProgram> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error('An empty command');
  const ended = Promise.withResolvers<number>();
  let over = false;
  const child = spawn(file, args, { detached: process.platform !== 'win32', stdio: 'pipe' });
  child.on('close', (code, signal) => {
    over = true;
    ended.resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
  child.on('error', (error) => {
    over = true;
    const code = errorCode(error);
    if (code === 'ENOENT') ended.resolve(notFound);
    else if (code === 'EACCES' || code === 'ENOEXEC') ended.resolve(notRunnable);
    else ended.reject(error);
  });
  const signalGroup = (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  };
  return Promise.resolve({
    stdin: child.stdin,
    listen: (hear) => {
      child.stdout.on('data', (chunk: Buffer) => hear.stdout(chunk));
      child.stderr.on('data', (chunk: Buffer) => hear.stderr(chunk));
    },
    ended: ended.promise,
    stop: async () => {
      if (over) return;
      signalGroup('SIGTERM');
      const hard = setTimeout(() => signalGroup('SIGKILL'), 2_000);
      await ended.promise.catch(() => {});
      clearTimeout(hard);
    },
  });
}
