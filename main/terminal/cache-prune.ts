import type { Command } from 'commander';
import type { PrunePolicy, PrunePreview } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';
import { size, span } from './arguments.ts';
import { freesLine, imageLines, togetherLine } from './cache-images.ts';
import { bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { say } from './sayings.ts';
import { type Session, askingForSecrets, confirmed } from './session.ts';
import { appliedNodes, expectNoneFailed, expectOneOrAll, forEachNode } from './several-nodes.ts';
import { showingTask } from './task-progress.ts';

interface PruneOptions {
  all?: boolean;
  olderThan?: number;
  toSize?: number;
  image?: string[];
  dryRun?: boolean;
  yes?: boolean;
  grace?: number;
  allNodes?: boolean;
}

/** `mirrorfleet cache prune`: the preview first, then, when it was agreed to, the deed; of one node or of all. */
export function addPruneCommand(cache: Command, withSession: WithSession): void {
  cache
    .command('prune [node]')
    .description('free space: the preview first, in bytes; mirrors go on serving')
    .option('--all', 'every image')
    .option('--older-than <span>', 'images not pulled for so long (30d, 12h)', span)
    .option('--to-size <size>', 'least recently used images until the cache fits (20GB)', size)
    .option('--image <reference...>', 'these images (docker.io/library/nginx:alpine)')
    .option('--all-nodes', 'on every node, each by itself')
    .option('--grace <span>', 'images pulled within this span stay (default: 1h)', span)
    .option('--dry-run', 'show what would go and stop')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache prune tokyo --older-than 30d --dry-run\n  $ mirrorfleet cache prune tokyo --to-size 20GB --yes\n  $ mirrorfleet cache prune --all-nodes --older-than 30d\n\nWhat is pulled again is fetched again. Images pulled within the last hour stay, and pinned ones always.',
    )
    .action((node: string | undefined, options: PruneOptions) =>
      withSession(async (session) => {
        expectOneOrAll(node, options.allNodes);
        const policy = policyOf(options);
        const how = { policy, ...(options.grace === undefined ? {} : { graceSeconds: options.grace }) };
        if (node === undefined) await pruneAll(session, how, options);
        else await pruneOne(session, node, how, options);
      }),
    );
}

interface How {
  readonly policy: PrunePolicy;
  readonly graceSeconds?: number;
}

async function pruneOne(session: Session, node: string, how: How, options: PruneOptions): Promise<void> {
  const { output, client } = session;
  const preview = await askingForSecrets(session, node, () => client.cache.preview({ node, ...how }));
  if (!output.json) show(session, preview);
  if (options.dryRun === true || isEmpty(preview)) {
    if (output.json) output.value({ preview });
    return;
  }
  if (!(await confirmed(session, options.yes ?? false, `Prune ${bytesText(preview.freedBytes)} on ${node}?`))) {
    output.note('Nothing was changed.');
    return;
  }
  const task = await showingTask(session, node, () => client.cache.prune({ node, ...how }));
  if (output.json) output.value({ preview, task });
  else output.line(`Freed ${bytesText(Number(task.outcome?.['freedBytes'] ?? 0))} on ${node}.`);
}

async function pruneAll(session: Session, how: How, options: PruneOptions): Promise<void> {
  const { output, client } = session;
  const nodes = await appliedNodes(session);
  const previewed = await forEachNode(session, nodes, async (node) => {
    const preview = await client.cache.preview({ node, ...how });
    if (!output.json) {
      output.line(`${node}:`);
      show(session, preview);
      output.line();
    }
    return preview;
  });
  const previews = previewed.results;
  if (!output.json) output.line(togetherLine(previews));
  const going = previews.filter((preview) => !isEmpty(preview));
  if (options.dryRun === true || going.length === 0) {
    if (output.json) output.value({ previews, failed: previewed.failed });
    expectNoneFailed(previewed.failed, nodes.length);
    return;
  }
  const bytes = bytesText(going.reduce((sum, { freedBytes }) => sum + freedBytes, 0));
  if (!(await confirmed(session, options.yes ?? false, `Prune ${bytes} on ${going.length} nodes?`))) {
    output.note('Nothing was changed.');
    return;
  }
  const pruned = await forEachNode(
    session,
    going.map(({ node }) => node),
    async (node) => {
      const task = await showingTask(session, node, () => client.cache.prune({ node, ...how }));
      if (!output.json) output.line(`Freed ${bytesText(Number(task.outcome?.['freedBytes'] ?? 0))} on ${node}.`);
      return task;
    },
  );
  const failed = [...previewed.failed, ...pruned.failed];
  if (output.json) output.value({ previews, tasks: pruned.results, failed });
  else {
    const freed = pruned.results.reduce((sum, task) => sum + Number(task.outcome?.['freedBytes'] ?? 0), 0);
    output.line(`Together: freed ${bytesText(freed)}.`);
  }
  expectNoneFailed(failed, nodes.length);
}

function show({ output, now }: Session, preview: PrunePreview): void {
  if (preview.victims.length > 0) for (const line of imageLines(preview.victims, now())) output.line(line);
  for (const kept of preview.kept) output.line(`kept: ${say(kept)}`);
  output.line(freesLine(preview));
}

function isEmpty({ victims, blobs }: PrunePreview): boolean {
  return victims.length + blobs === 0;
}

/** The one policy the options name. Throws `input-invalid` for none or several. */
function policyOf(options: PruneOptions): PrunePolicy {
  const policies: PrunePolicy[] = [];
  if (options.all === true) policies.push({ kind: 'all' });
  if (options.olderThan !== undefined) policies.push({ kind: 'older-than', seconds: options.olderThan });
  if (options.toSize !== undefined) policies.push({ kind: 'to-size', bytes: options.toSize });
  if (options.image) policies.push({ kind: 'images', images: options.image });
  const [policy] = policies;
  if (policy && policies.length === 1) return policy;
  return fail({
    code: 'input-invalid',
    message: policy
      ? 'Name one policy, not several; nothing was pruned.'
      : 'It is not said what to prune; nothing was pruned.',
    hint: 'One of: --all, --older-than 30d, --to-size 20GB, --image docker.io/library/nginx:alpine',
  });
}
