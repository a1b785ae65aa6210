import { resolve } from 'node:path';
import type { Machine } from '../lab/lab.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** A command of the product that runs beside the test, to be stopped or killed in the middle. */
export interface RunningCommand {
  /** Waits for a line it prints; rejects when it ends without one. */
  says(pattern: RegExp): Promise<void>;
  /** SIGSTOP, SIGCONT or SIGKILL to the product itself. */
  signal(name: 'STOP' | 'CONT' | 'KILL'): Promise<void>;
  /** Its exit code (137 when killed) and all it printed. */
  readonly ended: Promise<{ readonly code: number; readonly output: string }>;
}

/** Starts `mirrorfleet …` as dev on the laptop with the settings in `home`; `input` is all of its standard input. */
export async function startCommand(
  laptop: Machine,
  home: string,
  words: readonly string[],
  input = '',
): Promise<RunningCommand> {
  const pidFile = `/home/dev/${home}.pid`;
  const script = 'echo $$ >"$1.new"; mv "$1.new" "$1"; shift; exec "$@"';
  await laptop.exec(['rm', '-f', pidFile]);
  const cli = [`${checkout}/node_modules/.bin/node`, `${checkout}/main/cli.ts`, ...words];
  const child = laptop.spawn(['sh', '-c', script, 'start', pidFile, ...cli], {
    user: 'dev',
    env: { MIRRORFLEET_HOME: `/home/dev/${home}` },
  });
  child.stdin?.end(input);
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const watch of watchers) watch();
    });
  const ended = new Promise<{ code: number; output: string }>((done) => {
    child.once('close', (code) => done({ code: code ?? 137, output }));
  });
  return {
    ended,
    says: async (pattern) => {
      const said = new Promise<'said'>((done) => {
        const watch = (): void => {
          if (pattern.test(output)) done('said');
        };
        watchers.add(watch);
        watch();
      });
      const first = await Promise.race([said, ended]);
      if (first !== 'said') throw new Error(`it ended (${first.code}) before it said ${pattern.source}:\n${output}`);
    },
    signal: async (name) => {
      await laptop.mustExec(['sh', '-c', 'kill -s "$1" "$(cat "$2")"', 'signal', name, pidFile]);
      // The program that entered the machine stops itself along with its child.
      if (name === 'CONT') child.kill('SIGCONT');
    },
  };
}
