import { Command } from 'commander';
import type { Pull } from '../../preload/contract/history.ts';
import { agoText, bytesText, latencyText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { askingForSecrets } from './session.ts';
import { tableLines } from './table.ts';

/** `mirrorfleet pulls`: who pulled what through a node, from the access log of its edge. */
export function pullsCommand(withSession: WithSession): Command {
  return new Command('pulls')
    .description('who pulled what through a node, newest first')
    .argument('<node>')
    .argument('[upstream]')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet pulls tokyo\n  $ mirrorfleet pulls tokyo docker.io --json\n\nWHO is the name in the client certificate. The node keeps some 60,000 requests; our own probes are left out.',
    )
    .action((node: string, upstream: string | undefined) =>
      withSession(async (session) => {
        const pulls = await askingForSecrets(session, node, () =>
          session.client.node.pulls({ name: node, ...(upstream !== undefined && { upstream }), limit: 50 }),
        );
        if (session.output.json) session.output.value(pulls);
        else for (const line of pullLines(pulls, session.now())) session.output.line(line);
      }),
    );
}

/** Pulls as a table. Pure. */
export function pullLines(pulls: readonly Pull[], now: number): string[] {
  if (pulls.length === 0) return ['Nothing was pulled yet, as far as the log of the edge goes back.'];
  return tableLines(
    [
      { heading: 'WHEN' },
      { heading: 'WHO' },
      { heading: 'IMAGE' },
      { heading: 'SIZE', figures: true },
      { heading: 'TIME', figures: true },
      { heading: 'STATUS', figures: true },
      { heading: 'FROM' },
      { heading: 'WITH' },
    ],
    pulls.map((pull) => [
      agoText(pull.at, now),
      pull.who || '–',
      `${pull.upstream}/${pull.repository}${pull.reference.includes(':') ? '@' : ':'}${shortened(pull.reference)}`,
      bytesText(pull.bytes),
      latencyText(pull.ms),
      String(pull.status),
      pull.client,
      pull.agent.split(' ')[0] ?? '',
    ]),
  );
}

function shortened(reference: string): string {
  return reference.startsWith('sha256:') ? reference.slice(0, 19) : reference;
}
