import { Command } from 'commander';
import type { CachedImage, CacheList, PrunePolicy, PrunePreview } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';
import { size, span } from './arguments.ts';
import { imageName } from '../cache/image-name.ts';
import { addPinCommands } from './cache-pins.ts';
import { addScheduleCommand } from './cache-schedule.ts';
import { addScrubCommand } from './cache-scrub.ts';
import { agoText, bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { askingForSecrets, confirmed } from './session.ts';
import { tableLines } from './table.ts';
import { showingTask } from './task-progress.ts';

interface PruneOptions {
  all?: boolean;
  olderThan?: number;
  toSize?: number;
  image?: string[];
  dryRun?: boolean;
  yes?: boolean;
  grace?: number;
}

/** `mirrorfleet cache …`: what a node holds, freeing it safely while it serves, and what stays for ever. */
export function cacheCommand(withSession: WithSession): Command {
  const cache = new Command('cache').description("a node's cached images");

  cache
    .command('list <node>')
    .description('images with their size and last use, largest first')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache list tokyo\n\nALONE is what goes when only this image goes: layers that others need stay.',
    )
    .action((node: string) =>
      withSession(async (session) => {
        const list = await askingForSecrets(session, node, () => session.client.cache.list({ node }));
        if (session.output.json) {
          session.output.value(list);
          return;
        }
        if (list.images.length === 0) {
          session.output.line(`Nothing is cached on ${node} yet. It fills with the first pull.`);
          return;
        }
        const images = [...list.images].sort((a, b) => b.bytes - a.bytes);
        for (const line of imageLines(images, session.now())) session.output.line(line);
        session.output.line(
          `\n${list.images.length} images, ${list.blobs} blobs, ${bytesText(list.bytes)} on disk${leftoverText(list)}`,
        );
      }),
    );

  cache
    .command('prune <node>')
    .description('free space: the preview first, in bytes; mirrors go on serving')
    .option('--all', 'every image')
    .option('--older-than <span>', 'images not pulled for so long (30d, 12h)', span)
    .option('--to-size <size>', 'least recently used images until the cache fits (20GB)', size)
    .option('--image <reference...>', 'these images (docker.io/library/nginx:alpine)')
    .option('--grace <span>', 'images pulled within this span stay (default: 1h)', span)
    .option('--dry-run', 'show what would go and stop')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet cache prune tokyo --older-than 30d --dry-run\n  $ mirrorfleet cache prune tokyo --to-size 20GB --yes\n\nWhat is pulled again is fetched again. Images pulled within the last hour stay.',
    )
    .action((node: string, options: PruneOptions) =>
      withSession(async (session) => {
        const policy = policyOf(options);
        const grace = options.grace === undefined ? {} : { graceSeconds: options.grace };
        const preview = await askingForSecrets(session, node, () =>
          session.client.cache.preview({ node, policy, ...grace }),
        );
        if (!session.output.json) {
          if (preview.victims.length > 0)
            for (const line of imageLines(preview.victims, session.now())) session.output.line(line);
          for (const kept of preview.kept) session.output.line(`kept: ${kept}`);
          session.output.line(freesLine(preview));
        }
        if (options.dryRun === true || preview.victims.length + preview.blobs === 0) {
          if (session.output.json) session.output.value({ preview });
          return;
        }
        if (!(await confirmed(session, options.yes ?? false, `Prune ${bytesText(preview.freedBytes)} on ${node}?`))) {
          session.output.note('Nothing was changed.');
          return;
        }
        const task = await showingTask(session, node, () => session.client.cache.prune({ node, policy, ...grace }));
        if (session.output.json) session.output.value({ preview, task });
        else session.output.line(`Freed ${bytesText(Number(task.outcome?.['freedBytes'] ?? 0))} on ${node}.`);
      }),
    );

  addPinCommands(cache, withSession);
  addScheduleCommand(cache, withSession);
  addScrubCommand(cache, withSession);
  return cache;
}

function leftoverText({ leftoverBytes = 0 }: CacheList): string {
  return leftoverBytes === 0 ? '' : ` (${bytesText(leftoverBytes)} of it no image needs; the next prune takes it)`;
}

/** What a prune would free, in words. Pure. */
export function freesLine({ victims, blobs, freedBytes }: PrunePreview): string {
  const images = `${victims.length} image${victims.length === 1 ? '' : 's'}`;
  if (victims.length > 0) return `Frees ${bytesText(freedBytes)}: ${images}, ${blobs} blobs that no other image needs.`;
  return blobs === 0 ? 'Nothing to free.' : `Frees ${bytesText(freedBytes)}: ${blobs} blobs that no image needs.`;
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

function imageLines(images: readonly CachedImage[], now: number): string[] {
  return tableLines(
    [
      { heading: 'IMAGE' },
      { heading: 'SIZE', figures: true },
      { heading: 'ALONE', figures: true },
      { heading: 'LAST PULL' },
      { heading: 'PLATFORMS' },
    ],
    images.map((image) => [
      `${imageName(image)}${image.pinned === true ? '  (pinned)' : ''}`,
      bytesText(image.bytes),
      bytesText(image.exclusiveBytes),
      agoText(image.lastUse, now),
      image.platforms?.join(' ') ?? '–',
    ]),
  );
}
