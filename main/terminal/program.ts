import { Command } from 'commander';
import { activityCommand } from './activity-command.ts';
import { portNumber } from './arguments.ts';
import { cacheCommand } from './cache-command.ts';
import { completionCommand } from './completion-command.ts';
import { historyCommand } from './history-command.ts';
import { nodeCommand, type WithSession } from './node-command.ts';
import { pullsCommand } from './pulls-command.ts';
import { settingsCommand } from './settings-command.ts';
import { refreshCommand, statusCommand } from './status-command.ts';
import { switchCommand } from './switch-command.ts';
import { storageCommand } from './storage-command.ts';
import { testCommand } from './test-command.ts';

/** The command line as a value: every command, its help and its examples. `write` prints results. */
export function createProgram(
  version: string,
  withSession: WithSession,
  serve: (options: { headless: boolean; port: number }) => Promise<void>,
  write: (text: string) => void,
): Command {
  const program = new Command('mirrorfleet')
    .description('Your own fleet of container-registry mirrors: set them up, watch them, point this computer at them.')
    .version(version)
    .option('--json', 'results as JSON on standard output, problems as JSON on standard error')
    .addHelpText(
      'after',
      `
The story in five lines:
  $ mirrorfleet node add tokyo root@203.0.113.7    look at a server and remember it
  $ mirrorfleet node apply tokyo                   make it serve mirrors
  $ mirrorfleet switch docker tokyo                pull through it, proven
  $ mirrorfleet status --watch                     see that it is true
  $ mirrorfleet switch docker direct               everything as it was

Exit codes: 0 done or nothing to do, 1 failed (the problem is on standard error), 2 wrong usage,
3 a question could not be asked because there is no terminal, 130 interrupted.`,
    );
  program.addCommand(nodeCommand(withSession));
  program.addCommand(switchCommand(withSession));
  program.addCommand(testCommand(withSession));
  program.addCommand(storageCommand(withSession));
  program.addCommand(statusCommand(withSession));
  program.addCommand(refreshCommand(withSession));
  program.addCommand(historyCommand(withSession));
  program.addCommand(pullsCommand(withSession));
  program.addCommand(cacheCommand(withSession));
  program.addCommand(activityCommand(withSession));
  program.addCommand(settingsCommand(withSession));
  program.addCommand(
    new Command('serve')
      .description('run the core and its pages until it is ended; other commands go through it')
      .option('--headless', 'without pages')
      .option('--port <number>', 'where the pages are served on 127.0.0.1 (any free port unless given)', portNumber)
      .addHelpText(
        'after',
        '\nExamples:\n  $ mirrorfleet serve                              prints an address for the browser\n  $ mirrorfleet serve --headless                   in a terminal, until Ctrl-C\n  $ systemd-run --user mirrorfleet serve --headless   in the background\n\nAt most one core runs for each user. Commands find it by themselves.',
      )
      .action((options: { headless?: true; port?: number }) =>
        serve({ headless: options.headless === true, port: options.port ?? 0 }),
      ),
  );
  program.addCommand(completionCommand(write));
  return program;
}
