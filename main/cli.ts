#!/usr/bin/env node
import { CommanderError } from 'commander';
import { problemOf } from '../preload/contract/problem.ts';
import { ownPaths, reachCore } from './core.ts';
import { problemIn } from './endpoints/client.ts';
import { runUntilEnded } from './serve.ts';
import { createOutput, exitCodes } from './terminal/output.ts';
import { createProgram } from './terminal/program.ts';
import { createPrompt } from './terminal/prompt.ts';
import { NeedsAnswer, type Session, withOpenVault } from './terminal/session.ts';
import { version } from './version.ts';

/** The terminal door: parses the words, reaches a core, runs one command, and says by its exit code how that went. */
async function main(argv: readonly string[]): Promise<number> {
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
    () => runUntilEnded(output),
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

process.exitCode = await main(process.argv.slice(2));
if (process.stdin.isTTY) process.stdin.unref();
else process.stdin.destroy();
