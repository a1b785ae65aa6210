import { Command } from 'commander';
import type { Snapshot } from '../../preload/contract/live.ts';
import { applyChange } from '../../preload/contract/apply-change.ts';
import type { MirrorState, MirrorView, NodeView } from '../../preload/contract/status.ts';
import { agoText, bytesText, latencyText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { say } from './sayings.ts';
import { tableLines } from './table.ts';

const marks: Readonly<Record<MirrorState, string>> = { up: '●', slow: '▲', degraded: '◐', down: '✕', unknown: '○' };

/** `mirrorfleet status`: what is true now, of every node and every engine. */
export function statusCommand(withSession: WithSession): Command {
  return new Command('status')
    .description('what is true now: mirrors, latencies, caches, engines')
    .option('--watch', 'stay and show every change (with --json a line each)')
    .option('--no-refresh', 'show what is known instead of asking every node now')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet status\n  $ mirrorfleet status --watch\n  $ mirrorfleet status --json | jq -r \'.nodes[] | "\\(.name) \\(.state)"\'\n\nCACHED and 1ST BYTE: an image the node has, its manifest and the first byte of a layer. UNCACHED: a tag it looks up at the upstream.\nDIRECT: the same from this computer, past the node. HITS and MISSES: requests served from the cache, and not.',
    )
    .action((options: { watch?: boolean; refresh: boolean }) =>
      withSession(
        async (session) => {
          let snapshot = options.refresh ? await session.client.live.refresh() : await session.client.live.snapshot();
          const show = (): void => {
            if (session.output.json && options.watch === true) session.output.record(snapshot);
            else if (session.output.json) session.output.value(snapshot);
            else if (options.watch === true && session.output.live)
              session.output.redraw(statusLines(snapshot, session.now()));
            else for (const line of statusLines(snapshot, session.now())) session.output.line(line);
          };
          show();
          if (options.watch !== true) return;
          const { signal } = session.interruption;
          for await (const change of await session.client.live.watch(undefined, { signal })) {
            snapshot = change.kind === 'snapshot' ? change.snapshot : applyChange(snapshot, change);
            show();
          }
        },
        { stays: options.watch ?? false },
      ),
    );
}

/** `mirrorfleet refresh`: asks everything now, for whoever watches; answers when the results are in. */
export function refreshCommand(withSession: WithSession): Command {
  return new Command('refresh')
    .description('ask every mirror and look at every engine now, also for the pages and watchers of a running core')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet refresh')
    .action(() =>
      withSession(async (session) => {
        const snapshot = await session.client.live.refresh();
        if (session.output.json) session.output.value(snapshot);
        else
          session.output.line(
            `Asked ${snapshot.nodes.length} ${snapshot.nodes.length === 1 ? 'node' : 'nodes'} and looked at ${snapshot.runtimes.length} ${snapshot.runtimes.length === 1 ? 'engine' : 'engines'}. See it: mirrorfleet status --no-refresh`,
          );
      }),
    );
}

/** The whole fleet as lines. Pure: same snapshot and time, same lines. */
export function statusLines(snapshot: Snapshot, now: number): string[] {
  const lines: string[] = [];
  if (snapshot.nodes.length === 0) {
    lines.push(
      'No node yet. A node is a server of yours (1 CPU, 1 GB is enough) that keeps copies of the images you pull.',
      '  Add your first one: mirrorfleet node add tokyo user@host',
    );
  }
  for (const node of snapshot.nodes) {
    const prunable = snapshot.prunable?.find((each) => each.node === node.name);
    lines.push(...nodeLines(node, prunable?.bytes ?? 0, now), '');
  }
  for (const runtime of snapshot.runtimes) {
    const route =
      runtime.route === undefined
        ? runtime.mirrors.length === 0
          ? 'not known'
          : 'mirrors that are not ours'
        : runtime.route.length === 0
          ? 'direct'
          : runtime.route.join(', ');
    const proof =
      runtime.proof === undefined ? '' : `, proven ${agoText(runtime.proof.at, now)} through ${runtime.proof.node}`;
    lines.push(
      runtime.state === 'found'
        ? `${runtime.engine} ${runtime.version ?? ''} → ${route}${proof}`
        : `${runtime.engine}: ${runtime.state === 'absent' ? 'not found on this computer' : runtime.state === 'stopped' ? 'not running' : 'found, needs permission'}`,
    );
    if (runtime.problem) lines.push(`  ! ${runtime.problem.message}\n    ${runtime.problem.hint}`);
  }
  for (const task of snapshot.tasks.filter((each) => each.state === 'running')) lines.push(`▸ ${task.title}`);
  return lines;
}

function nodeLines(node: NodeView, prunableBytes: number, now: number): string[] {
  const facts = [
    node.disk === undefined
      ? undefined
      : `cache ${bytesText(node.disk.cacheBytes)}, ${bytesText(node.disk.freeBytes)} of ${bytesText(node.disk.totalBytes)} free`,
    prunableBytes === 0 ? undefined : `a prune frees ${bytesText(prunableBytes)}`,
    node.forecast?.fullInDays === undefined
      ? undefined
      : `full in ${Math.floor(node.forecast.fullInDays)} d as it goes on`,
    node.certificateDays === undefined ? undefined : `certificate ${node.certificateDays} d`,
    node.seenAt === undefined ? undefined : `seen ${agoText(node.seenAt, now)}`,
  ].filter((fact) => fact !== undefined);
  const head = `${marks[node.state]} ${node.name}  ${node.applied ? node.state : 'not applied yet'}  ${node.address}:${node.port}${facts.length > 0 ? `  (${facts.join('; ')})` : ''}`;
  const lines = [head];
  if (node.problem) lines.push(`  ${node.problem.message}\n  → ${node.problem.hint}`);
  if (!node.applied) lines.push(`  → mirrorfleet node apply ${node.name}`);
  if (node.drift && node.drift.files.length > 0) {
    lines.push(
      `  ! ${say({ code: 'changed-since-apply', values: { files: node.drift.files.join(', ') } })}`,
      `  → mirrorfleet node plan ${node.name}`,
    );
  }
  for (const { known } of node.programs ?? []) if (known) lines.push(`  ! ${say(known)}`);
  if (node.mirrors.length === 0) return lines;
  const table = tableLines(
    [
      { heading: 'UPSTREAM' },
      { heading: 'STATE' },
      { heading: 'CACHED', figures: true },
      { heading: '1ST BYTE', figures: true },
      { heading: 'UNCACHED', figures: true },
      { heading: 'DIRECT', figures: true },
      { heading: 'HITS', figures: true },
      { heading: 'MISSES', figures: true },
      { heading: 'REASON' },
    ],
    node.mirrors.map(mirrorCells),
  );
  return [...lines, ...table.map((line) => `  ${line}`)];
}

function mirrorCells(mirror: MirrorView): string[] {
  return [
    mirror.upstream,
    `${marks[mirror.state]} ${mirror.state}`,
    latencyText(mirror.cached?.manifestMs),
    latencyText(mirror.cached?.firstByteMs),
    latencyText(mirror.uncached?.manifestMs),
    mirror.directBecause ? say(mirror.directBecause) : latencyText(mirror.direct?.manifestMs),
    mirror.hits === undefined ? '–' : String(mirror.hits),
    mirror.misses === undefined ? '–' : String(mirror.misses),
    mirror.because ? say(mirror.because) : '',
  ];
}
