import { spawn } from 'node:child_process';

/** What a finished program left behind. `code` is 128 + signal number when a signal ended it. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Bytes for standard input; without it the program reads end-of-file at once. */
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** After this many milliseconds the program is killed; the result then has code 124, as `timeout(1)` has. */
  readonly timeoutMs?: number;
  /** Lets standard error through to this process's own, for long builds that people watch. */
  readonly showProgress?: boolean;
}

/** Runs a program on the host and collects its output; rejects only when the program cannot be started. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program, ...rest] = argv;
  if (program === undefined) return Promise.reject(new Error('runCommand needs a program'));
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let timedOut = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill('SIGKILL');
            child.stdout?.destroy();
            child.stderr?.destroy();
          }, options.timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      output.stderr.push(chunk);
      if (options.showProgress === true) process.stderr.write(chunk);
    });
    // A program may close its input before it has read everything; its exit code tells the story.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(cause);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(output.stdout).toString('utf8');
      const stderr = Buffer.concat(output.stderr).toString('utf8');
      resolve({ code: timedOut ? 124 : (code ?? 137), stdout, stderr });
    });
  });
}

/** Like {@link runCommand}, but a code other than 0 is an error that quotes the command and its last lines. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-25).join('\n');
  throw new Error(`\`${argv.join(' ').slice(0, 300)}\` ended with code ${result.code}:\n${tail}`);
}
