import type { Command } from 'commander';
import type { Task } from '../../preload/contract/task.ts';
import { bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { outcomeText } from './sayings.ts';
import { askingForSecrets } from './session.ts';
import { showingTask } from './task-progress.ts';

/** `mirrorfleet cache scrub`: finds files that a disk has damaged, before somebody pulls them. */
export function addScrubCommand(cache: Command, withSession: WithSession): void {
  cache
    .command('scrub <node>')
    .description('read every cached file and compare it with its digest; mirrors go on serving')
    .option('--repair', 'remove what is damaged, so that the next pull fetches it again')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet cache scrub tokyo\n  $ mirrorfleet cache scrub tokyo --repair')
    .action((node: string, { repair = false }: { repair?: boolean }) =>
      withSession(async (session) => {
        const task = await askingForSecrets(session, node, () =>
          showingTask(session, node, () => session.client.cache.scrub({ node, repair })),
        );
        if (session.output.json) session.output.value({ task });
        else for (const line of scrubLines(node, task.outcome ?? {})) session.output.line(line);
      }),
    );
}

/** What a scrub found, in words. Pure. */
export function scrubLines(node: string, outcome: NonNullable<Task['outcome']>): string[] {
  const figure = (name: string): number => Number(outcome[name] ?? 0);
  const [damaged, unreadable] = [figure('damaged'), figure('unreadable')];
  const read = `${figure('files')} files, ${bytesText(figure('bytes'))} read on ${node}`;
  if (damaged + unreadable === 0) return [`${read}: every one is what its digest says.`];
  const images = outcome['images'];
  return [
    `${read}: ${damaged} damaged${unreadable > 0 ? `, ${unreadable} that could not be read and were left` : ''}.`,
    ...(images === undefined ? [] : [`Needed by ${outcomeText(images)}.`]),
    ...(outcome['removed'] === undefined
      ? damaged > 0
        ? [`Repair it: mirrorfleet cache scrub ${node} --repair`]
        : []
      : [`${figure('removed')} removed; the next pull fetches them again.`]),
  ];
}
