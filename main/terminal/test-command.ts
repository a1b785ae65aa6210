import { Argument, Command } from 'commander';
import { type RuntimeId, runtimeIdSchema } from '../../preload/contract/runtime.ts';
import type { WithSession } from './node-command.ts';
import { outcomeText } from './sayings.ts';
import { withSudoPassword } from './sudo-password.ts';
import { showingTask } from './task-progress.ts';

/** `mirrorfleet test docker`: one more real pull, looked for at the edge. */
export function testCommand(withSession: WithSession): Command {
  return new Command('test')
    .description('prove again that an engine pulls through its node; nothing is changed')
    .addArgument(new Argument('<runtime>', 'the engine').choices(runtimeIdSchema.options))
    .option('--sudo-password-stdin', "read this computer's sudo password from a line of standard input")
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet test podman\n  $ mirrorfleet test containerd --sudo-password-stdin',
    )
    .action((runtime: RuntimeId, options: { sudoPasswordStdin?: boolean }) =>
      withSession(async (session) => {
        const piped = options.sudoPasswordStdin === true ? await session.prompt.pipedLine() : undefined;
        const task = await withSudoPassword(session, piped, (password) =>
          showingTask(session, runtime, () => session.client.runtime.prove({ runtime, ...password })),
        );
        if (session.output.json) session.output.value({ task });
        else session.output.line(`${runtime}: proven: ${outcomeText(task.outcome?.['proof'])}`);
      }),
    );
}
