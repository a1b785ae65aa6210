import { type Command, CommanderError } from 'commander';
import { type Problem, problemOf } from '../../preload/contract/problem.ts';
import { ownPaths, reachCore } from '../core.ts';
import { problemIn } from '../endpoints/client.ts';
import { version } from '../version.ts';
import { Interrupted, Interruption } from './interruption.ts';
import { createOutput, exitCodes, type Output } from './output.ts';
import { createProgram } from './program.ts';
import { createPrompt } from './prompt.ts';
import { NeedsAnswer, type Session, withOpenVault } from './session.ts';

/** The command line from its words to its exit code: parses, reaches a core, runs one command. `serve` runs the core until it is ended. */
export async function commandLine(
  argv: readonly string[],
  serve: (output: Output, options: { headless: boolean; port: number }) => Promise<void>,
): Promise<number> {
  const output = createOutput(
    { out: process.stdout, err: process.stderr },
    { json: argv.includes('--json'), env: process.env },
  );
  const interruption = new Interruption(() => process.exit(exitCodes.interrupted));
  process.on('SIGINT', () => interruption.press());
  const program = createProgram(
    version,
    async (body, { stays } = { stays: false }) => {
      const core = await interruption.orAtOnce(reachCore(ownPaths(), stays));
      const prompt = createPrompt(process.stdin, process.stderr, interruption);
      const session: Session = { client: core.client, output, prompt, interruption, now: Date.now };
      try {
        await Promise.race([interruption.orAtOnce(withOpenVault(session, () => body(session))), core.gone]);
      } finally {
        await core.close();
      }
    },
    (options) => serve(output, options),
    (text) => void process.stdout.write(text),
  );
  speaking(program, output);
  try {
    // `--json` may stand anywhere; commander knows it only before the command.
    await program.parseAsync([...(output.json ? ['--json'] : []), ...argv.filter((word) => word !== '--json')], {
      from: 'user',
    });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      if (output.json) output.problem(usageProblem(error));
      return exitCodes.usage;
    }
    const problem = problemIn(error) ?? problemOf(error);
    output.problem(problem);
    if (error instanceof Interrupted || interruption.signal.aborted) return exitCodes.interrupted;
    if (error instanceof NeedsAnswer) return exitCodes.needsAnswer;
    return problem.code === 'input-invalid' ? exitCodes.usage : exitCodes.failed;
  }
}

/** Makes every command throw instead of exiting, and say where its help is. With `--json` a mistake is told once, as a Problem. */
function speaking(command: Command, output: Output, path = command.name()): void {
  command
    .exitOverride()
    .showHelpAfterError(`(examples: ${path} --help)`)
    .configureOutput({ writeErr: (text) => void (output.json || process.stderr.write(text)) });
  for (const each of command.commands) speaking(each, output, `${path} ${each.name()}`);
}

function usageProblem(error: CommanderError): Problem {
  return {
    code: 'usage',
    message: error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /, ''),
    hint: 'Add --help for the words and examples.',
    retryable: false,
  };
}
