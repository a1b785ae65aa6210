import type { NodeSpec } from '../../preload/contract/node.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { cacheProblem } from './cache-problem.ts';
import { keptPath, pruneOrder } from './prune-order.ts';
import type { PrunePlan } from './prune-plan.ts';
import { type PruneProgress, type PruneReport, PruneReportReader } from './prune-report.ts';
import { pruneScript } from './prune-script.ts';
import type { ImageFound } from './inventory.ts';

/** Ten thousand blobs take seconds; a full slow disk may take long. */
const longestPrune = 2 * 3600_000;

/**
 * Carries out a plan on the live node in one round trip and says what went, measured on the server. Stopping it (signal, lost
 * connection) at any point leaves no image that could break; the next prune finds the rest. Throws `node-busy` while another prune runs there.
 */
export async function carryOut(
  host: Host,
  spec: Pick<NodeSpec, 'name' | 'base'>,
  plan: PrunePlan,
  at: string,
  progress: PruneProgress,
  signal: AbortSignal,
): Promise<PruneReport> {
  const reader = new PruneReportReader(progress);
  const broken = new AbortController();
  const result = await host
    .run({
      argv: ['sh', '-c', pruneScript, 'sh', nodeLayout(spec).base],
      input: pruneOrder(plan, at),
      elevated: true,
      timeoutMs: longestPrune,
      signal: AbortSignal.any([signal, broken.signal]),
      onOutput: (chunk) => {
        if (broken.signal.aborted) return;
        try {
          reader.push(chunk);
        } catch (error) {
          broken.abort(error);
        }
      },
    })
    .catch((error: unknown) => {
      throw broken.signal.aborted ? broken.signal.reason : error;
    });
  if (broken.signal.aborted) throw broken.signal.reason;
  const report = reader.finish();
  if (result.code !== 0 || !report) throw cacheProblem(spec.name, result);
  return report;
}

/** The victims that really went: those the script did not keep because they were used meanwhile. */
export function goneImages(plan: PrunePlan, report: PruneReport): readonly ImageFound[] {
  return plan.victims.filter(({ repository, root, image }) => {
    const place = { storage: repository.storage, repository: repository.name };
    return image.tag === undefined
      ? !report.kept.has(keptPath('revisions/sha256', { ...place, name: root }))
      : !report.kept.has(keptPath('tags', { ...place, name: image.tag }));
  });
}
