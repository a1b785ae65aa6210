import type { CacheList, PrunePolicy, PrunePreview } from '../../preload/contract/cache.ts';
import type { NodeSpec } from '../../preload/contract/node.ts';
import type { Saying } from '../../preload/contract/saying.ts';
import type { Host } from '../hosts/host.ts';
import type { JobContext } from '../tasks/tasks.ts';
import { refusal } from './cache-problem.ts';
import { type Inventory, cacheList, indexedPlatforms, readInventory, unsaidConfigs } from './inventory.ts';
import { countsUnnoticed, prunableBytes } from './prunable.ts';
import { type PrunePlan, type PruneRules, planPrune, prunePreview } from './prune-plan.ts';
import type { PruneStage } from './prune-report.ts';
import { carryOut, goneImages } from './prune-run.ts';
import { readSnapshot } from './read-inventory.ts';
import { readPlatforms } from './read-platforms.ts';

export { cacheBytes } from './cache-bytes.ts';

type Node = Pick<NodeSpec, 'name' | 'base'>;

/** What a prune took away. `freedBytes` is the disk space of the files that really went, measured on the server. */
export interface PruneOutcome {
  readonly freedBytes: number;
  readonly images: number;
  readonly blobs: number;
}

/**
 * What is cached on a node, in one round trip; a second one where images without an index must be asked what they are for. `heard` is
 * given what was read, for more questions about it.
 */
export async function listCache(
  host: Host,
  spec: Node,
  signal?: AbortSignal,
  heard: (inventory: Inventory) => void = () => {},
): Promise<CacheList> {
  const inventory = readInventory(await readSnapshot(host, spec, signal));
  const platforms = indexedPlatforms(inventory.snapshot);
  for (const [config, platform] of await readPlatforms(host, spec, unsaidConfigs(inventory, platforms), signal)) {
    platforms.set(config, platform);
  }
  heard(inventory);
  return cacheList(spec.name, inventory, platforms);
}

/** What a prune by the standard rule would free; undefined, and nothing read, where the counting itself would pass for use. */
export async function countPrunable(host: Host, spec: Node, signal: AbortSignal): Promise<number | undefined> {
  if (!(await countsUnnoticed(host, signal))) return undefined;
  return prunableBytes(spec, readInventory(await readSnapshot(host, spec, signal)));
}

/** What a prune would take away now; changes nothing. Throws `registry-cache-enabled` where pruning would be refused. */
export async function previewPrune(
  host: Host,
  spec: Node,
  policy: PrunePolicy,
  rules: PruneRules = {},
  signal?: AbortSignal,
): Promise<PrunePreview> {
  const inventory = await readPrunable(host, spec, signal);
  return prunePreview(spec.name, policy, planPrune(inventory, policy, rules));
}

/**
 * Prunes a live node in two round trips: a fresh inventory, then the plan carried out. Pulls go on meanwhile; what they use stays. Can be
 * cancelled or cut off at any point and simply be run again.
 */
export async function runPrune(
  host: Host,
  spec: Node,
  policy: PrunePolicy,
  context: JobContext,
  rules: PruneRules = {},
): Promise<PruneOutcome> {
  const plan = await context.step('inventory', 'Count what is cached', async (report) => {
    const inventory = await readPrunable(host, spec, context.signal);
    const decided = planPrune(inventory, policy, rules);
    report.note({ code: 'images-go', values: { going: decided.victims.length, images: inventory.images.length } });
    return { ...decided, at: inventory.snapshot.at };
  });
  const outcome = await context.step('prune', 'Remove it from the live node', async (report) =>
    isEmpty(plan) ? nothing : remove(host, spec, plan, context.signal, report),
  );
  context.outcome('freedBytes', outcome.freedBytes);
  context.outcome('images', outcome.images);
  context.outcome('blobs', outcome.blobs);
  return outcome;
}

const nothing: PruneOutcome = { freedBytes: 0, images: 0, blobs: 0 };

const stages: Readonly<Record<PruneStage, Saying>> = {
  tags: { code: 'removing-tags' },
  manifests: { code: 'removing-manifests' },
  check: { code: 'removing-checks' },
  blobs: { code: 'removing-files' },
};

async function remove(
  host: Host,
  spec: Node,
  plan: PrunePlan & { readonly at: string },
  signal: AbortSignal,
  report: { progress(done: number, total: number, unit: 'items'): void; note(saying: Saying): void },
): Promise<PruneOutcome> {
  const progress = {
    stage: (stage: PruneStage) => report.note(stages[stage]),
    blobs: (removed: number, total: number) => report.progress(removed, total, 'items'),
  };
  const result = await carryOut(host, spec, plan, plan.at, progress, signal);
  const gone = goneImages(plan, result);
  const used = plan.victims.length - gone.length;
  report.note(used === 0 ? { code: 'removing-done' } : { code: 'removing-done-some-used', values: { count: used } });
  return { freedBytes: result.freedBytes, images: gone.length, blobs: result.blobs };
}

async function readPrunable(host: Host, spec: Node, signal?: AbortSignal): Promise<Inventory> {
  const snapshot = await readSnapshot(host, spec, signal);
  const refused = refusal(spec, snapshot);
  if (refused) throw refused;
  return readInventory(snapshot);
}

function isEmpty(plan: PrunePlan): boolean {
  return plan.tags.length + plan.revisions.length + plan.layers.length + plan.blobs.length === 0;
}
