import { Command } from 'commander';
import type { HistoryPoint, MirrorHistory } from '../../preload/contract/history.ts';
import { span } from './arguments.ts';
import { bytesText, latencyText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { tableLines } from './table.ts';

/** Lines that fit a terminal; a page asks for more. */
const rows = 24;

/** `mirrorfleet history`: how fast a mirror was and what went through it, over an hour or three months. */
export function historyCommand(withSession: WithSession): Command {
  return new Command('history')
    .description('how fast a mirror was, cached, uncached and direct, and what went through it')
    .argument('<node>')
    .argument('<upstream>')
    .option('--since <span>', 'how far back (1h, 24h, 7d, 90d)', span, 24 * 3600)
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet history tokyo docker.io\n  $ mirrorfleet history tokyo ghcr.io --since 7d --json\n\nMedian, lowest and highest of each stretch; a stretch in which nothing was measured has no line. FAILED counts probes of cached images.\nDIRECT is asked from this computer, past the node. SERVED goes to clients, FETCHED comes from the upstream.',
    )
    .action((node: string, upstream: string, options: { since: number }) =>
      withSession(async (session) => {
        const to = session.now();
        const from = to - options.since * 1000;
        const points = session.output.json ? 300 : rows;
        const history = await session.client.node.history({ node, upstream, from, to, points });
        if (session.output.json) session.output.value(history);
        else for (const line of historyLines(history)) session.output.line(line);
      }),
    );
}

/** A history as a table, oldest first; a gap is a line of its own. Pure. */
export function historyLines(history: MirrorHistory): string[] {
  const { cached, uncached, direct, traffic } = history;
  const times = [...new Set([cached, uncached, direct, traffic].flat().map((point) => point.at))].toSorted(
    (a, b) => a - b,
  );
  if (times.length === 0) return ['Nothing was measured in this time.'];
  const at = <T extends { readonly at: number }>(list: readonly T[], time: number): T | undefined =>
    list.find((point) => point.at === time);
  const cells = times.flatMap((time, index) => {
    const before = times[index - 1];
    const counted = at(traffic, time);
    const hit = at(cached, time);
    const row = [
      new Date(time).toISOString().slice(0, 16).replace('T', ' '),
      figure(hit),
      hit === undefined ? '–' : String(hit.failed),
      figure(at(uncached, time)),
      figure(at(direct, time)),
      counted === undefined ? '–' : String(counted.hits),
      counted === undefined ? '–' : String(counted.misses),
      counted === undefined ? '–' : bytesText(counted.servedBytes),
      counted === undefined ? '–' : bytesText(counted.fetchedBytes),
    ];
    return before !== undefined && time - before > history.gapMs ? [['…'], row] : [row];
  });
  return tableLines(
    [
      { heading: 'TIME (UTC)' },
      { heading: 'CACHED', figures: true },
      { heading: 'FAILED', figures: true },
      { heading: 'UNCACHED', figures: true },
      { heading: 'DIRECT', figures: true },
      { heading: 'HITS', figures: true },
      { heading: 'MISSES', figures: true },
      { heading: 'SERVED', figures: true },
      { heading: 'FETCHED', figures: true },
    ],
    cells,
  );
}

function figure(point: HistoryPoint | undefined): string {
  if (point?.p50 === undefined) return '–';
  if (point.min === undefined || point.max === undefined || point.samples - point.failed < 2)
    return latencyText(point.p50);
  return `${latencyText(point.p50)} (${Math.round(point.min)}–${Math.round(point.max)})`;
}
