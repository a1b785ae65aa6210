import { Argument, Command } from 'commander';
import type { Route, RuntimeId, SwitchPreview } from '../../preload/contract/runtime.ts';
import { runtimeIdSchema } from '../../preload/contract/runtime.ts';
import { problemIn } from '../endpoints/client.ts';
import type { WithSession } from './node-command.ts';
import { say } from './sayings.ts';
import { confirmed, NeedsAnswer, type Session, triesAllowed } from './session.ts';
import { showingTask } from './task-progress.ts';

/** `mirrorfleet switch docker tokyo`: the diff first, then the switch, then the proof. */
export function switchCommand(withSession: WithSession): Command {
  return new Command('switch')
    .description('point a container engine of this computer at a node, and prove it')
    .addArgument(new Argument('<runtime>', 'the engine').choices(runtimeIdSchema.options))
    .argument('<route...>', 'node names in order of preference, or "direct"')
    .option('--dry-run', 'show the exact diff and stop')
    .option('-y, --yes', 'do not ask')
    .option('--sudo-password-stdin', "read this computer's sudo password from a line of standard input")
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet switch docker tokyo --dry-run\n  $ mirrorfleet switch docker tokyo\n  $ mirrorfleet switch docker direct     # the original bytes come back\n\nNothing restarts: the engine reloads its configuration.',
    )
    .action(
      (
        runtime: RuntimeId,
        words: string[],
        options: { dryRun?: boolean; yes?: boolean; sudoPasswordStdin?: boolean },
      ) =>
        withSession(async (session) => {
          const route: Route = words.length === 1 && words[0] === 'direct' ? [] : words;
          const where = route.length === 0 ? 'direct' : route.join(', ');
          const preview = await session.client.runtime.preview({ runtime, route });
          if (options.dryRun === true || preview.nothingToDo) {
            if (session.output.json) session.output.value({ preview });
            else for (const line of previewLines(preview)) session.output.line(line);
            return;
          }
          if (!session.output.json) for (const line of previewLines(preview)) session.output.line(line);
          if (!(await confirmed(session, options.yes ?? false, `Switch ${runtime} to ${where}?`))) {
            session.output.note('Nothing was changed.');
            return;
          }
          const piped = options.sudoPasswordStdin === true ? await session.prompt.pipedLine() : undefined;
          const task = await switching(session, runtime, route, piped);
          if (session.output.json) session.output.value({ preview, task });
          else if (route.length === 0)
            session.output.line(`${runtime} pulls directly again; its configuration is as it was.`);
          else session.output.line(`${runtime} → ${where}, proven: ${String(task.outcome?.['proof'] ?? '')}`);
        }),
    );
}

/** Runs the switch; asks for this computer's sudo password when it turns out to be needed. */
async function switching(session: Session, runtime: RuntimeId, route: Route, first: string | undefined) {
  let sudoPassword = first;
  for (let tries = 0; ; tries += 1) {
    try {
      return await showingTask(session, runtime, () =>
        session.client.runtime.switch({ runtime, route, ...(sudoPassword === undefined ? {} : { sudoPassword }) }),
      );
    } catch (error) {
      const problem = problemIn(error);
      if (!problem || !['sudo-password-needed', 'sudo-password-wrong'].includes(problem.code) || tries >= triesAllowed)
        throw error;
      // The attempt that only found this out is not worth a place on the screen.
      if (session.output.live) session.output.redraw([]);
      const secret = await session.prompt.secret(
        `Password for sudo on this computer${problem.code === 'sudo-password-wrong' ? ' (the last one was wrong)' : ''}`,
      );
      if (!secret) throw new NeedsAnswer(problem, { cause: error });
      sudoPassword = secret.reveal();
    }
  }
}

/** A diff without its rule and the base64 of certificates, which nobody reads: their first and last lines stay. Pure. */
export function withoutBase64(diff: readonly string[]): string[] {
  let body = 0;
  return diff.flatMap((line) => {
    if (/^=+$/.test(line)) return [];
    if (/-----BEGIN [A-Z ]+-----$/.test(line)) body = 1;
    else if (/-----END [A-Z ]+-----$/.test(line)) body = 0;
    else if (body > 0) {
      body += 1;
      return body === 2 ? [`${line.charAt(0)}…`] : [];
    }
    return [line];
  });
}

/** What a switch would do, as lines. Pure. */
export function previewLines(preview: SwitchPreview): string[] {
  if (preview.nothingToDo)
    return [
      `Nothing to do: ${preview.runtime} already follows ${preview.route.length === 0 ? 'direct' : preview.route.join(', ')}.`,
    ];
  return [
    ...preview.changes.flatMap((change) => [
      `${change.action} ${change.path}`,
      ...withoutBase64(change.diff.trimEnd().split('\n')).map((line) => `    ${line}`),
    ]),
    say(preview.activation),
    preview.restarts.length === 0 ? 'Nothing restarts.' : `Restarts: ${preview.restarts.join(', ')}`,
    ...preview.warnings.map((warning) => `! ${warning.message}\n  ${warning.hint}`),
  ];
}
