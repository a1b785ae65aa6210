import { Command } from 'commander';
import type { Task } from '../../preload/contract/task.ts';
import { activityEntryLines, activityLines } from './activity-lines.ts';
import { wholeNumber } from './arguments.ts';
import type { WithSession } from './node-command.ts';
import { askingForSecrets, confirmed, type Session } from './session.ts';
import { withSudoPassword } from './sudo-password.ts';
import { showingTask } from './task-progress.ts';

/** `mirrorfleet activity …`: what was done, by whom, with which files; taking it back; going on with what was cut short. */
export function activityCommand(withSession: WithSession): Command {
  const activity = new Command('activity').description('what was done: who, when, which files; undo and resume');

  activity
    .command('list', { isDefault: true })
    .description('every task and change, newest first')
    .option('--limit <n>', 'so many', wholeNumber, 20)
    .option('--subject <name>', 'only what was done to this node or engine')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet activity\n  $ mirrorfleet activity --subject docker --limit 5\n  $ mirrorfleet activity --json',
    )
    .action((options: { limit: number; subject?: string }) =>
      withSession(async (session) => {
        const { limit, subject } = options;
        const page = await session.client.activity.list({ limit, ...(subject === undefined ? {} : { subject }) });
        if (session.output.json) {
          session.output.value(page);
          return;
        }
        if (page.entries.length === 0) session.output.line('Nothing was done yet.');
        else for (const line of activityLines(page.entries, session.now())) session.output.line(line);
        if (page.more) session.output.note(`Older ones: --limit ${limit * 2}`);
      }),
    );

  activity
    .command('show <id>')
    .description('one entry in full, with the diff of every file; the id may be shortened')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet activity show 3f2a91bc')
    .action((id: string) =>
      withSession(async (session) => {
        const entry = await session.client.activity.show({ id });
        if (session.output.json) session.output.value(entry);
        else for (const line of activityEntryLines(entry)) session.output.line(line);
      }),
    );

  activity
    .command('undo <id>')
    .description('take an entry back, where that gives exactly what was there before')
    .option('-y, --yes', 'do not ask')
    .option('--sudo-password-stdin', "read this computer's sudo password from a line of standard input")
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet activity undo 3f2a91bc\n\nWhere it would not be exact it is refused, and nothing is changed.',
    )
    .action((id: string, options: ActOptions) =>
      withSession((session) =>
        act(session, id, options, {
          question: (title) => `Take back "${title}"?`,
          call: (input) => session.client.activity.undo(input),
          done: (title) => `"${title}" is taken back.`,
        }),
      ),
    );

  activity
    .command('resume <id>')
    .description('go on with a task that was interrupted or failed')
    .option('-y, --yes', 'do not ask')
    .option('--sudo-password-stdin', "read this computer's sudo password from a line of standard input")
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet activity resume 3f2a91bc')
    .action((id: string, options: ActOptions) =>
      withSession((session) =>
        act(session, id, options, {
          question: (title) => `Go on with "${title}"?`,
          call: (input) => session.client.activity.resume(input),
          done: (title) => `"${title}" is done.`,
        }),
      ),
    );

  return activity;
}

interface ActOptions {
  yes?: boolean;
  sudoPasswordStdin?: boolean;
}

interface Act {
  readonly question: (title: string) => string;
  readonly call: (input: { id: string; sudoPassword?: string }) => Promise<Task>;
  readonly done: (title: string) => string;
}

/** Says what it is about, asks, and runs it as a task. */
async function act(
  session: Session,
  shortened: string,
  options: ActOptions,
  { question, call, done }: Act,
): Promise<void> {
  const { id, kind, subject, title } = await session.client.activity.show({ id: shortened });
  if (!(await confirmed(session, options.yes ?? false, question(title)))) {
    session.output.note('Nothing was changed.');
    return;
  }
  const piped = options.sudoPasswordStdin === true ? await session.prompt.pipedLine() : undefined;
  const attempt = (password?: { sudoPassword?: string }) =>
    showingTask(session, subject, () => call({ id, ...password }));
  // An engine's files want this computer's password, a node's the server's.
  const task =
    kind === 'switch'
      ? await withSudoPassword(session, piped, attempt)
      : await askingForSecrets(session, subject, () => attempt());
  if (session.output.json) session.output.value({ task });
  else session.output.line(done(title));
}
