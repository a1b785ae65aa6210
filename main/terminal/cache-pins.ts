import type { Command } from 'commander';
import type { WithSession } from './node-command.ts';
import { askingForSecrets, type Session } from './session.ts';

/** `mirrorfleet cache pin|unpin|pins`: what a node never prunes. */
export function addPinCommands(cache: Command, withSession: WithSession): void {
  cache
    .command('pin <node> <image...>')
    .description('never prune these: images, or repositories for all of theirs')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache pin tokyo nginx:alpine\n  $ mirrorfleet cache pin tokyo ghcr.io/owner/name     all images of it\n\nKept in the file `pins` in the folder of the node; its schedule obeys it too.',
    )
    .action((node: string, pins: string[]) =>
      withSession(async (session) => {
        show(session, node, await askingForSecrets(session, node, () => session.client.cache.pin({ node, pins })));
      }),
    );

  cache
    .command('unpin <node> <image...>')
    .description('let them be pruned again')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet cache unpin tokyo nginx:alpine')
    .action((node: string, pins: string[]) =>
      withSession(async (session) => {
        show(session, node, await askingForSecrets(session, node, () => session.client.cache.unpin({ node, pins })));
      }),
    );

  cache
    .command('pins <node>')
    .description('what is pinned')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet cache pins tokyo')
    .action((node: string) =>
      withSession(async (session) => {
        show(session, node, await askingForSecrets(session, node, () => session.client.cache.pins({ node })));
      }),
    );
}

function show(session: Session, node: string, pins: readonly string[]): void {
  if (session.output.json) session.output.value(pins);
  else if (pins.length === 0) session.output.line(`Nothing is pinned on ${node}.`);
  else for (const pin of pins) session.output.line(pin);
}
