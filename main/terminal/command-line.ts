import { CommanderError } from 'commander';
import { problemOf } from '../../preload/contract/problem.ts';
import { ownPaths, reachCore } from '../core.ts';
import { problemIn } from '../endpoints/client.ts';
import { version } from '../version.ts';
import { createOutput, exitCodes, type Output } from './output.ts';
import { createProgram } from './program.ts';
import { createPrompt } from './prompt.ts';
import { NeedsAnswer, type Session, withOpenVault } from './session.ts';

/** The command line from its words to its exit code: parses, reaches a core, runs one command. `serve` runs the core until it is ended. */
export async function commandLine(argv: readonly string[], serve: (output: Output) => Promise<void>): Promise<number> {
  const output = createOutput(
    { out: process.stdout, err: process.stderr },
    { json: argv.includes('--json'), env: process.env },
  );
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const program = createProgram(
    version,
    async (body) => {
      const core = await reachCore(ownPaths());
      const prompt = createPrompt(process.stdin, process.stderr);
      const session: Session = { client: core.client, output, prompt, signal: interrupted.signal, now: Date.now };
      try {
        await withOpenVault(session, () => body(session));
      } finally {
        await core.close();
      }
    },
    () => serve(output),
    (text) => void process.stdout.write(text),
  );
  // `--json` may stand anywhere; commander knows it only before the command.
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: (text) => void process.stderr.write(text) });
  for (const command of program.commands.flatMap((each) => each.commands)) command.exitOverride();
  try {
    await program.parseAsync(['--json', ...argv.filter((word) => word !== '--json')].slice(output.json ? 0 : 1), {
      from: 'user',
    });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (interrupted.signal.aborted) return exitCodes.interrupted;
    output.problem(problemIn(error) ?? problemOf(error));
    return error instanceof NeedsAnswer ? exitCodes.needsAnswer : exitCodes.failed;
  }
}
