import type { Command } from 'commander';
import type { CacheList } from '../../preload/contract/cache.ts';
import { cacheSumLine, imageLines } from './cache-images.ts';
import { bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { type Session, askingForSecrets } from './session.ts';
import { appliedNodes, expectNoneFailed, expectOneOrAll, forEachNode } from './several-nodes.ts';

/** `mirrorfleet cache list`: what a node, or every node, holds. */
export function addListCommand(cache: Command, withSession: WithSession): void {
  cache
    .command('list [node]')
    .description('images with their size, last use and platforms, largest first')
    .option('--all-nodes', 'of every node')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache list tokyo\n  $ mirrorfleet cache list --all-nodes\n\nALONE is what goes when only this image goes: layers that others need stay.',
    )
    .action((node: string | undefined, options: { allNodes?: boolean }) =>
      withSession(async (session) => {
        expectOneOrAll(node, options.allNodes);
        if (node !== undefined) {
          const list = await askingForSecrets(session, node, () => session.client.cache.list({ node }));
          if (session.output.json) session.output.value(list);
          else show(session, list);
          return;
        }
        const nodes = await appliedNodes(session);
        const { results, failed } = await forEachNode(session, nodes, (each) =>
          session.client.cache.list({ node: each }),
        );
        if (session.output.json) session.output.value({ lists: results, failed });
        else {
          for (const list of results) {
            session.output.line(`${list.node}:`);
            show(session, list);
            session.output.line();
          }
          const images = results.reduce((sum, list) => sum + list.images.length, 0);
          const bytes = results.reduce((sum, list) => sum + list.bytes, 0);
          session.output.line(`Together: ${images} images, ${bytesText(bytes)} on ${results.length} nodes`);
        }
        expectNoneFailed(failed, nodes.length);
      }),
    );
}

function show({ output, now }: Session, list: CacheList): void {
  if (list.images.length === 0) {
    output.line(`Nothing is cached on ${list.node} yet. It fills with the first pull.`);
    return;
  }
  for (const line of imageLines(
    list.images.toSorted((a, b) => b.bytes - a.bytes),
    now(),
  ))
    output.line(line);
  output.line(`\n${cacheSumLine(list)}`);
}
