import { Argument, Command } from 'commander';
import type { Task } from '../../preload/contract/task.ts';
import type { Route, RuntimeId, SwitchPreview } from '../../preload/contract/runtime.ts';
import { runtimeIdSchema } from '../../preload/contract/runtime.ts';
import { neverSwitched } from '../../preload/contract/never-switched.ts';
import type { Problem } from '../../preload/contract/problem.ts';
import { problemIn } from '../endpoints/client.ts';
import type { WithSession } from './node-command.ts';
import { outcomeText, say } from './sayings.ts';
import { confirmed, type Session } from './session.ts';
import { withSudoPassword } from './sudo-password.ts';
import { showingTask, showingTasks, throwIfEndedBadly } from './task-progress.ts';

interface SwitchOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly sudoPasswordStdin?: boolean;
}

/** `mirrorfleet switch docker tokyo`: the diff first, then the switch, then the proof. `all` does so with every engine that is found. */
export function switchCommand(withSession: WithSession): Command {
  return new Command('switch')
    .description('point a container engine of this computer, or all, at a node, and prove it')
    .addArgument(new Argument('<runtime>', 'the engine').choices([...runtimeIdSchema.options, 'all']))
    .argument('<route...>', 'node names in order of preference, or "direct"')
    .option('--dry-run', 'show the exact diff and stop')
    .option('-y, --yes', 'do not ask')
    .option('--sudo-password-stdin', "read this computer's sudo password from a line of standard input")
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet switch docker tokyo --dry-run\n  $ mirrorfleet switch docker tokyo\n  $ mirrorfleet switch all tokyo           # every engine, one password; one that fails is taken back alone\n  $ mirrorfleet switch docker direct       # the original bytes come back\n\nNothing restarts that can be reloaded; a restart is said beforehand.',
    )
    .action((runtime: RuntimeId | 'all', words: string[], options: SwitchOptions) =>
      withSession((session) => {
        const route: Route = words.length === 1 && words[0] === 'direct' ? [] : words;
        return runtime === 'all' ? switchAll(session, route, options) : switchOne(session, runtime, route, options);
      }),
    );
}

const whereOf = (route: Route): string => (route.length === 0 ? 'direct' : route.join(', '));

async function switchOne(session: Session, runtime: RuntimeId, route: Route, options: SwitchOptions): Promise<void> {
  const preview = await session.client.runtime.preview({ runtime, route });
  if (options.dryRun === true || preview.nothingToDo) {
    if (session.output.json) session.output.value({ preview });
    else for (const line of previewLines(preview)) session.output.line(line);
    return;
  }
  if (!session.output.json) for (const line of previewLines(preview)) session.output.line(line);
  if (!(await confirmed(session, options.yes ?? false, `Switch ${runtime} to ${whereOf(route)}?`))) {
    session.output.note('Nothing was changed.');
    return;
  }
  const piped = options.sudoPasswordStdin === true ? await session.prompt.pipedLine() : undefined;
  const task = await withSudoPassword(session, piped, (password) =>
    showingTask(session, runtime, () => session.client.runtime.switch({ runtime, route, ...password })),
  );
  if (session.output.json) session.output.value({ preview, task });
  else session.output.line(endedLine(runtime, route, task));
}

/** Every engine that is found: all diffs first, one question, one password. Fails when one did; the others stay. */
async function switchAll(session: Session, route: Route, options: SwitchOptions): Promise<void> {
  const previews: SwitchPreview[] = [];
  const refused: { runtime: RuntimeId; problem: Problem }[] = [];
  for (const runtime of runtimeIdSchema.options) {
    try {
      previews.push(await session.client.runtime.preview({ runtime, route }));
    } catch (error) {
      const problem = problemIn(error);
      if (!problem || problem.code.startsWith('node-') || problem.code === 'mirror-not-answering') throw error;
      refused.push({ runtime, problem });
      // Said, and left out where there is no such engine or it can never be switched; any other's task will fail with the same words.
      const leftOut = neverSwitched(problem) ? ' is left out' : '';
      if (!session.output.json) session.output.line(`– ${runtime}${leftOut}: ${problem.message}`);
    }
  }
  const subjects = runtimeIdSchema.options;
  const idle = isIdle(
    previews,
    refused.map(({ problem }) => problem),
  );
  if (!session.output.json)
    for (const preview of previews) for (const line of headedLines(preview)) session.output.line(line);
  if (options.dryRun === true || idle) {
    if (session.output.json) session.output.value({ previews, refused });
    return;
  }
  const names = previews.flatMap(({ runtime, nothingToDo }) => (nothingToDo ? [] : [runtime])).join(', ');
  if (names !== '' && !(await confirmed(session, options.yes ?? false, `Switch ${names} to ${whereOf(route)}?`))) {
    session.output.note('Nothing was changed.');
    return;
  }
  const piped = options.sudoPasswordStdin === true ? await session.prompt.pipedLine() : undefined;
  const tasks = await withSudoPassword(session, piped, (password) =>
    showingTasks(session, subjects, () => session.client.runtime.switchAll({ route, ...password })),
  );
  const good = tasks.filter(({ state }) => state === 'done');
  if (session.output.json) session.output.value({ previews, refused, tasks });
  else for (const task of good) session.output.line(endedLine(task.subject, route, task));
  for (const task of tasks) throwIfEndedBadly(task);
}

/**
 * Whether a switch of all has nothing to do and nothing to complain about. An engine that is not there, does not run or can never be
 * switched is left out; where another one refuses, or none is left, the core is asked all the same: it says what is wrong, and the command fails. Pure.
 */
export function isIdle(previews: readonly SwitchPreview[], refused: readonly Problem[]): boolean {
  return (
    previews.length > 0 &&
    previews.every(({ nothingToDo }) => nothingToDo) &&
    refused.every((problem) => neverSwitched(problem) || /-(?:absent|stopped)$/.test(problem.code))
  );
}

function headedLines(preview: SwitchPreview): string[] {
  const [first = '', ...rest] = previewLines(preview);
  return preview.nothingToDo ? [first] : [`${preview.runtime}:`, ...[first, ...rest].map((line) => `  ${line}`)];
}

function endedLine(runtime: string, route: Route, task: Task): string {
  return route.length === 0
    ? `${runtime} pulls directly again; its configuration is as it was.`
    : task.outcome?.['proof'] === undefined
      ? `${runtime} → ${whereOf(route)} already.`
      : `${runtime} → ${whereOf(route)}, proven: ${outcomeText(task.outcome['proof'])}`;
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
